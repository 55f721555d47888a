"""The assistant talks with people who call."""

"""What Meta refuses, and with which error."""

"""Checks of the config file: each message runs them, and what they say is the answer."""

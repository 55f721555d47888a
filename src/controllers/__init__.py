"""Verify, parse, store, acknowledge; never what a message means."""

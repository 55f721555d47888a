"""Controllers verify, parse, store and acknowledge; they do not interpret messages."""

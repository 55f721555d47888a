"""Tables of the inbox."""

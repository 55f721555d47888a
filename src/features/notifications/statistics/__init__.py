"""Statistics: what became of the messages that other systems and broadcasts sent."""

"""One turn of a conversation: from an inbound message to the decisions that are committed."""

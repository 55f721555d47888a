"""The Responses API: the same model, asked with items instead of messages."""

"""Pictures and documents that people send, made readable for the assistant."""

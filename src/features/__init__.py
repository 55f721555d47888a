"""Capabilities of the bot, one folder each. Delete a folder, and the bot still starts."""

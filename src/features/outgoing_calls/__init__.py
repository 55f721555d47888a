"""The bot calls people who have allowed it."""

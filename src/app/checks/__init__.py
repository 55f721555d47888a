"""Checks of flows, texts and features, which run before the bot starts."""

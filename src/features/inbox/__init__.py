"""An inbox of the bot's own, where operators read conversations and answer."""

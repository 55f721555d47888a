"""What the bot says, in each language, and how people's words are understood."""

"""Files in answers are kept by the bot itself."""

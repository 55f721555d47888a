"""What `python3 watch.py` runs on a laptop: the bot, restarted at each change, and the emulator."""

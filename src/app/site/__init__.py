"""The documentation as a site: `watch.py docs`."""

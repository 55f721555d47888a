"""`watch.py doctor`: checks an installation, changes nothing, and says how to fix it."""

"""The commands of `python3 watch.py`."""

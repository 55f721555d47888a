"""`watch.py doctor`: looks at an installation, changes nothing, and tells what to mend."""

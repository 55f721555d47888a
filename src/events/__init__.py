"""One file per event of other systems. A new file here is all that a new event needs."""

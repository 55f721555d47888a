"""One file for each table, with its statements."""

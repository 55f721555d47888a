"""Several numbers and businesses in one process."""

"""Common questions are answered from files, and from the FAQ table of operators."""

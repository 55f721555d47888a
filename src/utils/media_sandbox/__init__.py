"""Reads files of strangers in processes of their own."""

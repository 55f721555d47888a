"""Texts of the config file take the place of those of the files."""

"""Stands in for Meta's Cloud API on a laptop and in tests."""

"""Buttons that are tapped twice, or long after their question."""

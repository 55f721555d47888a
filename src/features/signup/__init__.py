"""Businesses connect their own numbers."""

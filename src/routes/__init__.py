"""Paths, methods and status codes; no logic."""

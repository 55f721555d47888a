"""Durable, ordered processing on SQL: what was stored is done once, in order per lane."""

"""Airtable: its errors, and how fast it may be asked."""

"""Airtable's errors and rate limits."""

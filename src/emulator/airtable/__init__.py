"""Stands in for Airtable's Web API on a laptop and in tests.

Source: airtable.com/developers/web/api
"""

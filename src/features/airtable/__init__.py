"""The operators' console: what stands in Airtable, and how both sides learn of changes."""

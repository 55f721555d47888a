"""Tables that exist for Airtable: contacts, shown messages, what is still to be synced."""

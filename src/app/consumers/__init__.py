"""Names of a notification service: see `app.ledger_names`."""

"""The database: engine, transactions in groups, compiled statements, migrations."""

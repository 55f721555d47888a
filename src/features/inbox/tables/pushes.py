"""Browsers that tell operators something while the inbox is closed."""

from sqlalchemy import Column, Table, Text

from storage.engine.database import UtcTimestamp, metadata

inbox_push = Table(
    "inbox_push",
    metadata,
    #: hash of the endpoint
    Column("id", Text, primary_key=True),
    Column("operator_id", Text, nullable=False, index=True),
    #: address at the browser's push service
    Column("endpoint", Text, nullable=False),
    Column("created_at", UtcTimestamp, nullable=False),
)

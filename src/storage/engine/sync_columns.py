"""Columns of a table whose rows are copied to another system, which gives each row a record."""

from typing import Any

from sqlalchemy import Column, Integer, Text

from storage.engine.database import UtcTimestamp


def sync_columns() -> list[Column[Any]]:
    """Return the columns that a synced table has beside its own `id` and `user_key`."""
    return [
        #: id of the row's record in the other system
        Column("record_id", Text, index=True),
        #: number of changes; the other system knows those up to `synced_rev`
        Column("rev", Integer, nullable=False, server_default="1"),
        Column("synced_rev", Integer, nullable=False, server_default="0"),
        #: time of the next attempt after the other system rejected the row
        Column("retry_at", UtcTimestamp),
    ]

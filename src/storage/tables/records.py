"""What people filled in, kept as it is: bookings, requests, whatever a flow saves."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Column, Delete, Insert, Table, Text, bindparam, delete

from storage.engine.compiled import CompiledStatement
from storage.engine.database import RowId, UtcTimestamp, metadata
from storage.engine.write import Write

record = Table(
    "record",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    #: what it is: "bookings"
    Column("collection", Text, nullable=False, index=True),
    Column("user_key", Text, nullable=False, index=True),
    Column("fields", Text, nullable=False),
    Column("created_at", UtcTimestamp, nullable=False),
)


@CompiledStatement
def _add(dialect: str) -> Insert:
    return record.insert().values(
        collection=bindparam("collection"),
        user_key=bindparam("row_key"),
        fields=bindparam("fields"),
        created_at=bindparam("created_at"),
    )


@CompiledStatement
def _forget(dialect: str) -> Delete:
    return delete(record).where(record.c.user_key == bindparam("row_key"))


def add(collection: str, fields: Mapping[str, object], *, user_key: str, at: datetime) -> Write:
    """Keep one record. `fields` must survive JSON."""
    row = {
        "row_key": user_key,
        "collection": collection,
        "fields": json.dumps(fields),
        "created_at": at,
    }
    return Write(_add, [row])


def forget(user_key: str) -> Write:
    """Delete all records of one person."""
    return Write(_forget, [{"row_key": user_key}])

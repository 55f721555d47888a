"""Records that flows save: bookings, requests, any form that a person completed."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Column, Insert, Table, Text, bindparam

from storage.engine.compiled import CompiledStatement
from storage.engine.database import RowId, UtcTimestamp, metadata
from storage.engine.write import Write
from storage.person_rows import delete_by, delete_rows, move_rows
from storage.person_table import declare_person_table

record = Table(
    "record",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    #: name of the collection: "bookings"
    Column("collection", Text, nullable=False, index=True),
    Column("user_key", Text, nullable=False, index=True),
    Column("fields", Text, nullable=False),
    Column("created_at", UtcTimestamp, nullable=False),
)
declare_person_table(
    record, on_erase=delete_rows, on_merge=move_rows, on_forget=delete_by(record.c.user_key)
)


@CompiledStatement
def _add(dialect: str) -> Insert:
    return record.insert().values(
        collection=bindparam("collection"),
        user_key=bindparam("row_key"),
        fields=bindparam("fields"),
        created_at=bindparam("created_at"),
    )


def add(collection: str, fields: Mapping[str, object], *, user_key: str, at: datetime) -> Write:
    """Add one record; `fields` are JSON values."""
    row = {
        "row_key": user_key,
        "collection": collection,
        "fields": json.dumps(fields),
        "created_at": at,
    }
    return Write(_add, [row])

"""Records that flows save: bookings, requests, any form that a person completed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Insert,
    Select,
    Table,
    Text,
    Update,
    bindparam,
    delete,
    false,
    null,
    select,
    true,
    update,
)

from storage.engine.compiled import CompiledStatement
from storage.engine.database import RowId, UtcTimestamp, metadata
from storage.engine.json_column import encoded
from storage.engine.sync_columns import sync_columns
from storage.engine.write import Write, change_row
from storage.person_rows import PURGE_BATCH, delete_rows, move_counted_rows
from storage.person_table import declare_person_table


@dataclass(frozen=True, slots=True)
class SavedRecord:
    """One record, as a flow saved it and operators changed it."""

    id: int
    #: name of the collection: "bookings"
    collection: str
    user_key: str
    #: JSON object: values by the names of the form's fields
    fields: str
    #: given by operators; None is a new record
    status: str | None
    #: what the person was told about the status, and when
    notice: str | None
    #: why a change of operators was not taken over
    problem: str | None
    created_at: datetime
    changed_at: datetime | None
    #: JSON object: the cells that operators may correct, as the other system has them
    told: str | None = None

    @property
    def values(self) -> dict[str, Any]:
        return dict(json.loads(self.fields))


record = Table(
    "record",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    #: name of the collection: "bookings"
    Column("collection", Text, nullable=False, index=True),
    Column("user_key", Text, nullable=False, index=True),
    Column("fields", Text, nullable=False),
    Column("created_at", UtcTimestamp, nullable=False),
    Column("status", Text),
    Column("notice", Text),
    Column("problem", Text),
    Column("changed_at", UtcTimestamp),
    #: an operator deleted the record in the other system, and may still restore it
    Column("deleted_at", UtcTimestamp),
    #: the person had it deleted; it stays, empty, until the other system has deleted its copy
    Column("is_forgotten", Boolean, nullable=False, server_default=false()),
    #: the option that the record takes a place of: its source and its id
    Column("option_key", Text, index=True),
    #: JSON object: the cells that the other system has, by the names of its fields
    Column("told", Text),
    *sync_columns(),
)


def _forget(dialect: str) -> Update:
    emptied: dict[str, Any] = {
        "fields": "{}",
        "is_forgotten": true(),
        "rev": record.c.rev + 1,
        **dict.fromkeys(("option_key", "status", "notice", "problem", "told"), null()),
    }
    return update(record).where(record.c.user_key == bindparam("row_key")).values(emptied)


def _purge(connection: Connection, now: float) -> int:
    """Delete a batch of records that people had deleted and that no other system knows."""
    is_gone = (record.c.is_forgotten.is_(True), record.c.record_id.is_(None))
    ids = list(connection.scalars(select(record.c.id).where(*is_gone).limit(PURGE_BATCH)))
    connection.execute(delete(record).where(record.c.id.in_(ids)))
    return len(ids)


declare_person_table(
    record,
    on_erase=delete_rows,
    on_merge=move_counted_rows,
    on_forget=CompiledStatement(_forget, name="record.forget"),
    purge=_purge,
)

#: Columns of a `SavedRecord`.
RECORD_COLUMNS = tuple(record.c[name] for name in SavedRecord.__dataclass_fields__)
#: Whether a record is there for whoever reads records.
IS_THERE = (record.c.deleted_at.is_(None), record.c.is_forgotten.is_(False))


@CompiledStatement
def _add(dialect: str) -> Insert:
    return record.insert().values(
        collection=bindparam("collection"),
        user_key=bindparam("row_key"),
        fields=bindparam("fields"),
        option_key=bindparam("option_key"),
        created_at=bindparam("created_at"),
    )


def add(
    collection: str,
    fields: Mapping[str, object],
    *,
    user_key: str,
    at: datetime,
    option_key: str | None = None,
) -> Write:
    """Add one record; `fields` are JSON values, `option_key` is the option that it takes."""
    row = {
        "row_key": user_key,
        "collection": collection,
        "fields": encoded(dict(fields)),
        "option_key": option_key,
        "created_at": at,
    }
    return Write(_add, [row])


def change(record_id: int, values: Mapping[str, Any]) -> Write:
    """Set some columns of one record; the change is counted."""
    return change_row(record.c.id, record_id, values, counted=record.c.rev)


def find(connection: Connection, record_id: int) -> SavedRecord | None:
    """Return one record; None if it is not there (any more)."""
    query = select(*RECORD_COLUMNS).where(record.c.id == record_id, *IS_THERE)
    row = connection.execute(query).first()
    return None if row is None else SavedRecord(*row)


def list_records(collection: str, *, after: int, most: int) -> Select[Any]:
    """Select records of a collection in the order of their ids, from the one after an id."""
    query = select(*RECORD_COLUMNS).where(record.c.collection == collection, *IS_THERE)
    return query.where(record.c.id > after).order_by(record.c.id).limit(most)

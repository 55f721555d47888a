"""Records that the other side has added or deleted, or still has to delete."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Delete, Insert, Row, bindparam, delete, or_, select

from storage.engine.compiled import CompiledStatement
from storage.engine.json_column import encoded
from storage.engine.write import Write
from storage.tables.records import IS_THERE, record


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record that operators added."""

    collection: str
    user_key: str
    fields: Mapping[str, Any]
    option_key: str | None
    #: the cells that operators may correct, as they wrote them
    told: Mapping[str, Any]
    #: Airtable's id
    record_id: str
    created_at: datetime


@CompiledStatement
def _adopt(dialect: str) -> Insert:
    names = ("collection", "user_key", "fields", "option_key", "told", "created_at")
    given: dict[str, Any] = {name: bindparam(name) for name in names}
    return record.insert().values(record_id=bindparam("row_key"), **given)


def adopt(new: NewRecord) -> Write:
    """Keep a record that operators added."""
    row = {
        "row_key": new.record_id,
        "collection": new.collection,
        "user_key": new.user_key,
        "fields": encoded(dict(new.fields)),
        "option_key": new.option_key,
        "told": encoded(dict(new.told)),
        "created_at": new.created_at,
    }
    return Write(_adopt, [row])


def number_of(collection: str, key: str) -> int | None:
    """Return the id in what operators call a record, "bookings 12", or a copy of it; else None."""
    found = re.fullmatch(rf"{re.escape(collection)} (\d{{1,18}})(?: copy.*)?", key.strip())
    return int(found[1]) if found else None


def record_ids(
    connection: Connection, collection: str, number: int | None, record_id: str
) -> Mapping[int, str | None]:
    """Return Airtable's ids of the record with this id, unless it was forgotten, by their ids.

    So is the record that already has this id of Airtable's, whatever became of it.
    """
    of = record.c
    is_named = (of.id == number) & of.is_forgotten.is_(False)
    query = select(of.id, of.record_id).where(of.collection == collection)
    found = connection.execute(query.where(or_(of.record_id == record_id, is_named)))
    return {row.id: row.record_id for row in found}


def of_person(
    connection: Connection, collection: str, user_key: str
) -> Sequence[tuple[int, str | None, Mapping[str, Any]]]:
    """Return (id, Airtable's id, answers) of a person's records."""
    of = record.c
    theirs = (of.collection == collection, of.user_key == user_key, *IS_THERE)
    rows = connection.execute(select(of.id, of.record_id, of.fields).where(*theirs))
    return [(row.id, row.record_id, json.loads(row.fields)) for row in rows]


def deleted(connection: Connection, collection: str, record_ids: Sequence[str]) -> list[int]:
    """Return the ids of records that operators had deleted, of these of Airtable's ids."""
    is_hidden = (record.c.collection == collection, record.c.deleted_at.is_not(None))
    query = select(record.c.id).where(*is_hidden, record.c.record_id.in_(record_ids))
    return list(connection.scalars(query))


def forgotten(connection: Connection, collection: str, *, most: int) -> Sequence[Row[Any, Any]]:
    """Return (id, record_id) of records that people had deleted, and that Airtable has still."""
    is_gone = (record.c.is_forgotten.is_(True), record.c.record_id.is_not(None))
    query = select(record.c.id, record.c.record_id).where(record.c.collection == collection)
    return connection.execute(query.where(*is_gone).order_by(record.c.id).limit(most)).all()


@CompiledStatement
def _delete(dialect: str) -> Delete:
    return delete(record).where(record.c.id == bindparam("row_key"))


def delete_forgotten(ids: Sequence[int]) -> Write:
    """Delete the rows of records that Airtable no longer has."""
    return Write(_delete, [{"row_key": one} for one in ids])

"""Records that the other side has deleted, or still has to delete."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Delete, Row, bindparam, delete, select

from storage.engine.compiled import CompiledStatement
from storage.engine.write import Write
from storage.tables.records import record


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

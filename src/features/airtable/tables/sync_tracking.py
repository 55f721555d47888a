"""Rows about a person that Airtable is told of: what it does not know yet."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    Select,
    Table,
    Text,
    Update,
    bindparam,
    or_,
    select,
    update,
)

from features.airtable.tables.contacts import desk
from storage.engine.compiled import CompiledStatement, as_list, listed
from storage.engine.database import UtcTimestamp
from storage.engine.write import Write


class HasRevision(Protocol):
    """What a mirrored row has beside its own fields."""

    @property
    def id(self) -> str: ...
    @property
    def rev(self) -> int: ...


Row = TypeVar("Row", bound=HasRevision)


def sync_columns() -> list[Column[Any]]:
    """Those of a mirrored table beside its own `id` and `user_key`."""
    return [
        #: Airtable's id of the row's record
        Column("record_id", Text, index=True),
        #: counts changes; Airtable knows of those up to `synced_rev`
        Column("rev", Integer, nullable=False, server_default="1"),
        Column("synced_rev", Integer, nullable=False, server_default="0"),
        #: after Airtable refused it
        Column("retry_at", UtcTimestamp),
    ]


def blanking(words: Column[Any]) -> CompiledStatement:
    """Makes this column empty in all rows of a person (`row_key`); Airtable is told."""
    of = words.table.c

    def build(dialect: str) -> Update:
        blank: dict[str, Any] = {words.name: "", "rev": of.rev + 1}
        return update(words.table).where(of.user_key == bindparam("row_key")).values(blank)

    return CompiledStatement(build, name=f"{words.table}.blank")


class SyncTable(Generic[Row]):
    """Reads and settles the rows of one table.

    `make` is a dataclass with the names of columns; its last field is the id of the record of the
    row's person in Contacts, since only of people whom it knows can Airtable be told anything.
    """

    def __init__(self, table: Table, make: type[Row], *, order: ColumnElement[Any]) -> None:
        self._table = table
        self._make = make
        self._order = order
        *names, _contact = (field.name for field in fields(make))  # type: ignore[arg-type]
        columns = (*(table.c[name] for name in names), desk.c.record_id)
        self._rows = select(*columns).select_from(table.join(desk, desk.c.key == table.c.user_key))
        self._is_it = table.c.id == bindparam("row_key")
        self._dirty = CompiledStatement(self._select_dirty, name=f"{table.name}.dirty")
        self._by_record = CompiledStatement(self._select_by_record, name=f"{table.name}.by_record")
        self._synced = CompiledStatement(self._update_synced, name=f"{table.name}.synced")
        self._refused = CompiledStatement(self._update_refused, name=f"{table.name}.refused")

    def pending(self, connection: Connection, moment: datetime, *, most: int) -> list[Row]:
        """What Airtable should be told, and may be by now."""
        found = self._dirty.fetch(connection, moment=moment, most=most)
        return [self._make(*row) for row in found]

    def by_record(self, connection: Connection, record_ids: Sequence[str]) -> list[Row]:
        """The rows of these records of Airtable."""
        found = self._by_record.fetch(connection, records=as_list(record_ids))
        return [self._make(*row) for row in found]

    def records_of(self, connection: Connection, user_key: str) -> list[str]:
        """Airtable's ids of the rows of a person."""
        table = self._table
        of_person = (table.c.user_key == user_key, table.c.record_id.is_not(None))
        return list(connection.scalars(select(table.c.record_id).where(*of_person)))

    def mark_synced(self, one: Row, record_id: str) -> Write:
        """Airtable took the row as it was."""
        known = {"row_key": one.id, "known_rev": one.rev, "known_record": record_id}
        return Write(self._synced, [known])

    def mark_rejected(self, one: Row, *, next_at: datetime) -> Write:
        """Airtable did not take the row; try again at `next_at`."""
        return Write(self._refused, [{"row_key": one.id, "next_at": next_at}])

    def _select_dirty(self, dialect: str) -> Select[Any]:
        of = self._table.c
        is_due = or_(of.retry_at.is_(None), of.retry_at <= bindparam("moment", type_=UtcTimestamp))
        is_dirty = (of.rev > of.synced_rev, desk.c.record_id.is_not(None), is_due)
        return self._rows.where(*is_dirty).order_by(self._order).limit(bindparam("most"))

    def _select_by_record(self, dialect: str) -> Select[Any]:
        return self._rows.where(self._table.c.record_id.in_(listed(dialect, "records", Text())))

    def _update_synced(self, dialect: str) -> Update:
        known: dict[str, Any] = {
            "synced_rev": bindparam("known_rev"),
            "record_id": bindparam("known_record"),
        }
        return update(self._table).where(self._is_it).values(known)

    def _update_refused(self, dialect: str) -> Update:
        return update(self._table).where(self._is_it).values(retry_at=bindparam("next_at"))

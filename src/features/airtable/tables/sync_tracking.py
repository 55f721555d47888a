"""Rows about a person that are copied to Airtable: which changes it does not know yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    Text,
    Update,
    bindparam,
    or_,
    select,
    true,
    update,
)

from features.airtable.tables.contacts import desk
from services.operator_tables import OperatorTable
from storage.engine.compiled import CompiledStatement, as_list, listed
from storage.engine.database import UtcTimestamp
from storage.engine.json_column import encoded
from storage.engine.write import Write


class HasId(Protocol):
    """A row of a synced table."""

    @property
    def id(self) -> str | int: ...


Row = TypeVar("Row", bound=HasId)


@dataclass(frozen=True, slots=True)
class SyncedRow(Generic[Row]):
    """A row, and what syncing it with Airtable needs."""

    row: Row
    #: Airtable's id of the row's record; None before the first sync
    record_id: str | None
    #: number of changes
    rev: int
    #: Airtable's id of the person's record in Contacts
    contact_record: str


class SyncTable(Generic[Row]):
    """Reads pending rows of one table with `sync_columns`, and notes the answers of Airtable.

    `make` is a dataclass with the names of columns. A row is pending only once Airtable has a
    record of its person in Contacts, since the row's record links to it.
    """

    def __init__(
        self,
        table: Table,
        make: type[Row],
        *,
        order: ColumnElement[Any],
        where: ColumnElement[bool] | None = None,
        name: str | None = None,
    ) -> None:
        self._table = table
        self._where = true() if where is None else where
        self._make = make
        self._order = order
        names = [field.name for field in fields(make)]  # type: ignore[arg-type]
        own = [table.c[name] for name in (*names, "record_id", "rev")]
        columns = (*own, desk.c.record_id.label("contact_record"))
        rows = select(*columns).select_from(table.join(desk, desk.c.key == table.c.user_key))
        self._rows = rows.where(self._where)
        #: Beginning of the names of the statements, which have to be unique.
        name = name or table.name
        self._is_it = table.c.id == bindparam("row_key")
        self._dirty = CompiledStatement(self._select_dirty, name=f"{name}.dirty")
        self._by_record = CompiledStatement(self._select_by_record, name=f"{name}.by_record")
        self._synced = CompiledStatement(self._update_synced, name=f"{name}.synced")
        self._refused = CompiledStatement(self._update_refused, name=f"{name}.refused")

    @classmethod
    def of(cls, table: OperatorTable) -> "SyncTable[Any]":
        """Return the sync state of the rows that operators see in a table."""
        rows = table.rows
        assert rows is not None, f"{table.schema.name} has no rows of its own"
        name = rows.table.name if rows.where is None else f"{rows.table.name}.{table.schema.name}"
        if name not in _synced_tables:
            _synced_tables[name] = SyncTable(
                rows.table, rows.make, order=rows.order, where=rows.where, name=name
            )
        return _synced_tables[name]

    def pending(
        self, connection: Connection, moment: datetime, *, most: int
    ) -> list[SyncedRow[Row]]:
        """Return up to `most` rows that Airtable does not know yet, and that may be tried now."""
        found = self._dirty.fetch(connection, moment=moment, most=most)
        return [self._synced_row(row) for row in found]

    def by_record(self, connection: Connection, record_ids: Sequence[str]) -> list[SyncedRow[Row]]:
        """Return the rows of these records of Airtable."""
        found = self._by_record.fetch(connection, records=as_list(record_ids))
        return [self._synced_row(row) for row in found]

    def records_of(self, connection: Connection, user_key: str) -> list[str]:
        """Return Airtable's ids of the records of a person's rows."""
        table = self._table
        of_person = (table.c.user_key == user_key, table.c.record_id.is_not(None), self._where)
        return list(connection.scalars(select(table.c.record_id).where(*of_person)))

    def mark_synced(
        self, synced: SyncedRow[Row], record_id: str, told: Mapping[str, Any] | None = None
    ) -> Write:
        """Note that Airtable took the row as it was then; `told` are cells that both write."""
        known = {"row_key": synced.row.id, "known_rev": synced.rev, "known_record": record_id}
        if "told" in self._table.c:
            known["told_cells"] = encoded(dict(told or {}))
        return Write(self._synced, [known])

    def mark_rejected(self, synced: SyncedRow[Row], *, next_at: datetime) -> Write:
        """Note that Airtable rejected the row; it is tried again at `next_at`."""
        return Write(self._refused, [{"row_key": synced.row.id, "next_at": next_at}])

    def _synced_row(self, values: Sequence[Any]) -> SyncedRow[Row]:
        *own, record_id, rev, contact_record = values
        return SyncedRow(self._make(*own), record_id, rev, contact_record)

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
        if "told" in self._table.c:
            known["told"] = bindparam("told_cells")
        return update(self._table).where(self._is_it).values(known)

    def _update_refused(self, dialect: str) -> Update:
        return update(self._table).where(self._is_it).values(retry_at=bindparam("next_at"))


#: Made once for each table: its statements are compiled.
_synced_tables: dict[str, SyncTable[Any]] = {}

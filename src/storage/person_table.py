"""Tables about people: what erasing, merging, "delete my data" and retention do with their rows.

Each table declares it beside its columns. The declaration lives in the shared metadata, so that to
import the module of the table is enough. A table with a column of `PERSON_COLUMNS` and without a
declaration stops the start.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Delete,
    MetaData,
    Table,
    Update,
    bindparam,
    delete,
    select,
    update,
)

from storage.engine.compiled import CompiledStatement
from storage.engine.database import metadata
from storage.engine.write import Write

#: Columns that make a table one about people.
PERSON_COLUMNS = frozenset({"user_key", "user_id", "wa_id"})
#: Rows that retention deletes per transaction: it must not hold up a webhook.
PURGE_BATCH = 500

_DECLARATION, _DETAILS = "person_table", "details"


class EraseRows(Protocol):
    """Does what erasing a person means for the rows under any of their keys."""

    def __call__(self, connection: Connection, key: Column[Any], keys: Collection[str]) -> None: ...


class MergeRows(Protocol):
    """Does what merging two people means for their rows: `other` becomes `into`."""

    def __call__(
        self, connection: Connection, key: Column[Any], *, into: str, other: str
    ) -> None: ...


#: Deletes a batch of rows that are too old at a time (seconds since 1970); returns their number.
PurgeRows = Callable[[Connection, float], int]


@dataclass(frozen=True, slots=True)
class PersonTable:
    """What happens to the rows of one table when something happens to their person."""

    table: Table
    #: column with the key of the person
    key: Column[Any]
    on_erase: EraseRows
    on_merge: MergeRows
    #: for "delete my data": a statement with the person as `row_key`; None keeps the rows
    on_forget: CompiledStatement | None
    #: None keeps the rows for as long as the person is known
    purge: PurgeRows | None


def declare_person_table(
    table: Table,
    *,
    on_erase: EraseRows,
    on_merge: MergeRows,
    on_forget: CompiledStatement | None,
    key: Column[Any] | None = None,
    purge: PurgeRows | None = None,
) -> PersonTable:
    """Say what happens to the rows of a table about people; `key` is its `user_key` by default."""
    column = table.c.user_key if key is None else key
    declared = PersonTable(table, column, on_erase, on_merge, on_forget, purge)
    table.info[_DECLARATION] = declared
    return declared


def declare_detail(column: Column[Any], *, of: Table) -> None:
    """Delete rows of another table along with the row of `of` whose id is in this column."""
    of.info.setdefault(_DETAILS, []).append(column)


def person_tables(tables: MetaData = metadata) -> list[PersonTable]:
    """Return the declarations of all tables that are imported, in one order everywhere."""
    found = [table.info.get(_DECLARATION) for table in tables.sorted_tables]
    return [declared for declared in found if declared is not None]


def undeclared_tables(tables: MetaData = metadata) -> list[str]:
    """Return the names of tables about people that say nothing of erasing and merging."""
    return [
        table.name
        for table in tables.sorted_tables
        if _DECLARATION not in table.info and not PERSON_COLUMNS.isdisjoint(table.c.keys())
    ]


def forget_words(user_key: str) -> list[Write]:
    """Return what "delete my data" does in the tables beside `users`."""
    statements = [declared.on_forget for declared in person_tables()]
    return [Write(one, [{"row_key": user_key}]) for one in statements if one is not None]


def delete_rows(connection: Connection, key: Column[Any], keys: Collection[str]) -> None:
    """Erase: delete the rows of the person, with their details."""
    _delete(connection, _table_of(key), key.in_(keys))


def keep_rows(connection: Connection, key: Column[Any], keys: Collection[str]) -> None:
    """Erase: keep the rows, say because a law asks for it."""


def move_rows(connection: Connection, key: Column[Any], *, into: str, other: str) -> None:
    """Merge: give the rows to the person that goes on."""
    moved = update(_table_of(key)).where(key == other).values({key.key: into})
    connection.execute(moved)


def move_counted_rows(connection: Connection, key: Column[Any], *, into: str, other: str) -> None:
    """Merge: the same, and count a change of each row, so that it is synced again."""
    table = _table_of(key)
    moved = update(table).where(key == other).values({key.key: into, "rev": table.c.rev + 1})
    connection.execute(moved)


def leave_rows(connection: Connection, key: Column[Any], *, into: str, other: str) -> None:
    """Merge: leave the rows under the old key, by which erasing finds them."""


def blank(words: Column[Any]) -> CompiledStatement:
    """Forget: empty a column in all rows of the person, and count the change where that is done."""
    table = _table_of(words)

    def build(dialect: str) -> Update:
        values: dict[str, Any] = {words.key: ""}
        if "rev" in table.c:
            values["rev"] = table.c.rev + 1
        return update(table).where(table.c.user_key == bindparam("row_key")).values(values)

    return CompiledStatement(build, name=f"{table.name}.blank")


def delete_by(key: Column[Any]) -> CompiledStatement:
    """Forget: delete all rows of the person."""

    def build(dialect: str) -> Delete:
        return delete(key.table).where(key == bindparam("row_key"))

    return CompiledStatement(build, name=f"{_table_of(key).name}.forget")


def older_than(keep: timedelta, at: Column[Any]) -> PurgeRows:
    """Purge: delete rows whose time in the column `at` (a UtcTimestamp) is longer ago than this."""
    return lambda connection, now: purge_batch(connection, now, keep=keep, at=at)


def purge_batch(connection: Connection, now: float, *, keep: timedelta, at: Column[Any]) -> int:
    """Delete a batch of rows with their details; returns how many, 0 when none is left."""
    table = _table_of(at)
    before = datetime.fromtimestamp(now, UTC) - keep
    [own_id] = table.primary_key.columns
    ids = list(connection.scalars(select(own_id).where(at < before).limit(PURGE_BATCH)))
    _delete(connection, table, own_id.in_(ids))
    return len(ids)


def _delete(connection: Connection, table: Table, is_meant: ColumnElement[bool]) -> None:
    for column in table.info.get(_DETAILS, ()):
        [own_id] = table.primary_key.columns
        ids = select(own_id).where(is_meant)
        connection.execute(delete(column.table).where(column.in_(ids)))
    connection.execute(delete(table).where(is_meant))


def _table_of(column: Column[Any]) -> Table:
    assert isinstance(column.table, Table)
    return column.table

"""What `storage.person_table.declare_person_table` may say of the rows of a person.

Erase: the person is erased. Merge: two rows in `users` turn out to be one person. Forget: the
person deletes the data that they gave, and stays. Purge: rows become too old.
"""

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Delete,
    Table,
    Update,
    bindparam,
    delete,
    select,
    update,
)

from storage.engine.compiled import CompiledStatement

#: Rows that retention deletes per transaction: it must not hold up a webhook.
PURGE_BATCH = 500

#: Deletes a batch of rows that are too old at a time (seconds since 1970); returns their number.
PurgeRows = Callable[[Connection, float], int]

#: Name under which a table's `info` has the columns of its details.
_DETAILS = "details"


def declare_detail(column: Column[Any], *, of: Table) -> None:
    """Delete rows of another table along with the row of `of` whose id is in this column."""
    of.info.setdefault(_DETAILS, []).append(column)


def delete_rows(connection: Connection, key: Column[Any], keys: Collection[str]) -> None:
    """Erase: delete the rows of the person, with their details."""
    _delete(connection, _table_of(key), key.in_(keys))


def keep_rows(connection: Connection, key: Column[Any], keys: Collection[str]) -> None:
    """Erase: keep the rows, say because a law asks for it."""


def move_rows(connection: Connection, key: Column[Any], *, into: str, other: str) -> None:
    """Merge: give the rows to the person that goes on; for tables with many rows per person."""
    moved = update(_table_of(key)).where(key == other).values({key.key: into})
    connection.execute(moved)


def move_counted_rows(connection: Connection, key: Column[Any], *, into: str, other: str) -> None:
    """Merge: the same, and count a change of each row, so that it is synced again."""
    table = _table_of(key)
    moved = update(table).where(key == other).values({key.key: into, "rev": table.c.rev + 1})
    connection.execute(moved)


def move_single_row(connection: Connection, key: Column[Any], *, into: str, other: str) -> None:
    """Merge: the same for tables with one row per person; the row of who goes on wins."""
    table = _table_of(key)
    if connection.execute(select(key).where(key == into)).first() is None:
        connection.execute(update(table).where(key == other).values({key.key: into}))
    else:
        delete_rows(connection, key, [other])


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
    old = select(own_id).where(at < before).order_by(at)  # by the index, to where rows are young
    ids = list(connection.scalars(old.limit(PURGE_BATCH)))
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

"""Places of options: counted by the records that take them, and guarded in their commit."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Insert,
    Integer,
    Table,
    Text,
    bindparam,
    cast,
    func,
    literal,
    null,
    or_,
    select,
)

from storage.engine.compiled import CompiledStatement
from storage.engine.database import insert_for, metadata
from storage.engine.write import Write
from storage.tables.records import IS_THERE, record

#: Status of a record that takes no place any more.
CANCELLED = "Cancelled"

#: One row for each option with a capacity: its lock makes those who take places wait in line.
option_place = Table(
    "option_place",
    metadata,
    Column("option_key", Text, primary_key=True),
    #: number of times that somebody tried to take a place
    Column("tries", Integer, nullable=False),
)
_takes_place = (
    *IS_THERE,
    or_(record.c.status.is_(None), record.c.status != CANCELLED),
)


def _lock(dialect: str) -> Insert:
    new = insert_for(dialect, option_place).values(option_key=bindparam("row_key"), tries=1)
    counted = {"tries": option_place.c.tries + 1}
    return new.on_conflict_do_update(index_elements=["option_key"], set_=counted)


def _refuse(dialect: str) -> Insert:
    """Insert a row that the table refuses, if more records take the option than it has places."""
    taken = select(func.count()).where(record.c.option_key == bindparam("row_key"), *_takes_place)
    is_over = taken.scalar_subquery() > bindparam("capacity", type_=Integer)
    row = select(literal(":none"), cast(null(), Integer)).where(is_over)
    return option_place.insert().from_select(["option_key", "tries"], row)


# Writes run in the order of their names: the lock before the record, the guard after it.
LOCK = CompiledStatement(_lock, name="features.airtable.option_places.lock")
GUARD = CompiledStatement(_refuse, name="zz.features.airtable.option_places.guard")


def guard(key: str, *, capacity: int) -> Sequence[Write]:
    """Return what fails the commit of a record that would be one too many.

    The job is tried again then, and sees that no place is left.
    """
    row: dict[str, Any] = {"row_key": key}
    return Write(LOCK, [row]), Write(GUARD, [{**row, "capacity": capacity}])


def count(connection: Connection, start: str) -> dict[str, int]:
    """Return how many records take each option whose key begins like this."""
    query = select(record.c.option_key, func.count()).where(
        record.c.option_key.startswith(start, autoescape=True), *_takes_place
    )
    grouped = query.group_by(record.c.option_key)
    return {row[0]: row[1] for row in connection.execute(grouped)}

"""Tables about people: what erasing, merging, "delete my data" and retention do with their rows.

Each table declares it beside its columns. The declaration lives in the shared metadata, so that to
import the module of the table is enough. A table with a column of `PERSON_COLUMNS` and without a
declaration stops the start. What may be declared is in `storage.person_rows`:

    booking = Table("booking", metadata, Column("user_key", Text, nullable=False), ...)
    declare_person_table(
        booking, on_erase=delete_rows, on_merge=move_rows, on_forget=delete_by(booking.c.user_key)
    )
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Column, Connection, MetaData, Table, UniqueConstraint

from storage.engine.compiled import CompiledStatement
from storage.engine.database import metadata
from storage.engine.write import Write
from storage.person_rows import PurgeRows, move_counted_rows, move_rows

#: Columns that make a table one about people.
PERSON_COLUMNS = frozenset({"user_key", "user_id", "wa_id"})
#: Name under which a table's `info` has its declaration.
_DECLARATION = "person_table"


class EraseRows(Protocol):
    """Does what erasing a person means for the rows under any of their keys."""

    def __call__(self, connection: Connection, key: Column[Any], keys: Collection[str]) -> None: ...


class MergeRows(Protocol):
    """Does what merging two people means for their rows: `other` becomes `into`."""

    def __call__(
        self, connection: Connection, key: Column[Any], *, into: str, other: str
    ) -> None: ...


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
    """Say what happens to the rows of a table about people; `key` is its `user_key` by default.

    A merge that would give one person two rows, where only one may be, is a ValueError.
    """
    column = table.c.user_key if key is None else key
    if on_merge in (move_rows, move_counted_rows) and _has_one_row(table, column):
        raise ValueError(
            f"{table.name} has one row per person, so a merge cannot move a second one there. "
            "Use move_single_row, or a function of your own, as on_merge."
        )
    declared = PersonTable(table, column, on_erase, on_merge, on_forget, purge)
    table.info[_DECLARATION] = declared
    return declared


def person_tables(tables: MetaData = metadata) -> list[PersonTable]:
    """Return the declarations of all tables that are imported, in one order everywhere."""
    found = [table.info.get(_DECLARATION) for table in tables.sorted_tables]
    return [declared for declared in found if declared is not None]


def undeclared_tables(tables: MetaData = metadata) -> list[str]:
    """Return the names of tables about people that say nothing of erasing and merging."""
    return [
        table.name
        for table in tables.sorted_tables
        if _DECLARATION not in table.info and _is_about_people(table)
    ]


def _is_about_people(table: Table) -> bool:
    """Whether a column has the name of a person's key, or refers to the table of people."""
    refers = any(key.target_fullname.startswith("users.") for key in table.foreign_keys)
    return refers or not PERSON_COLUMNS.isdisjoint(table.c.keys())


def forget_words(user_key: str) -> list[Write]:
    """Return what "delete my data" does in the tables beside `users`."""
    statements = [declared.on_forget for declared in person_tables()]
    return [
        Write(one, [{"row_key": user_key}], is_private=True)
        for one in statements
        if one is not None
    ]


def merge_users(connection: Connection, *, into: str, other: str) -> None:
    """Give all that is known of a person under the key `other` to the person `into`.

    What only counts (deliveries, tokens), and the lanes, keep their names; erasing finds them by
    `merged_into`.
    """
    for declared in person_tables():
        declared.on_merge(connection, declared.key, into=into, other=other)


def _has_one_row(table: Table, key: Column[Any]) -> bool:
    unique = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
    columns = [table.primary_key.columns, *(one.columns for one in unique)]
    return any(list(some) == [key] for some in columns)

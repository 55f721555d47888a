"""Compares the tables that a database really has with those that the code works with."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Index, MetaData, Table, UniqueConstraint, inspect

from storage.engine.database import DatabaseError, metadata
from storage.engine.revisions import newest_revision, revision_of

#: Most parts that a message names.
MAX_NAMED = 5


REMEDY = (
    "Add it by hand as src/storage/migrations/versions has it, or name an empty database in "
    "DATABASE_URL. A table of your own needs a migration: see docs/howto/table.md."
)


class IncompleteTables(DatabaseError):
    """All migrations are applied, and yet something is missing."""

    def __init__(self, missing: Sequence[str]) -> None:
        rest = len(missing) - MAX_NAMED
        named = ", ".join(missing[:MAX_NAMED]) + (f" and {rest} more" if rest > 0 else "")
        self.problem = (
            f"The database is at the newest revision, and yet lacks {named}: "
            "a migration was changed after it had been applied"
        )
        super().__init__(f"{self.problem}. {REMEDY}")


def require_complete(connection: Connection, tables: MetaData = metadata) -> None:
    """Raise IncompleteTables if a table, column or index of the newest revision is missing.

    Only tables whose modules are imported are known. A database at another revision passes.
    """
    if revision_of(connection) != newest_revision():
        return
    if missing := list(_missing(connection, tables)):
        raise IncompleteTables(missing)


def _missing(connection: Connection, tables: MetaData) -> Iterator[str]:
    found = inspect(connection)
    names = list(tables.tables)
    columns = found.get_multi_columns(filter_names=names)
    indexes = found.get_multi_indexes(filter_names=names)
    uniques = found.get_multi_unique_constraints(filter_names=names)
    for table in tables.sorted_tables:
        key = (None, table.name)
        if key not in columns:
            yield f"the table {table.name}"
            continue
        known = {column["name"] for column in columns[key]}
        yield from (f"{table.name}.{one.name}" for one in table.c if one.name not in known)
        parts = [*indexes.get(key, ()), *uniques.get(key, ())]
        keys = {(part["name"], *part["column_names"]) for part in parts}
        yield from (f"the index {one[0]}" for one in _keys_of(table) if one not in keys)


def _keys_of(table: Table) -> Iterator[tuple[str, ...]]:
    """Yield the name and the columns of each index and unique constraint."""
    keys: list[Index | UniqueConstraint] = [*table.indexes]
    keys += [one for one in table.constraints if isinstance(one, UniqueConstraint)]
    for one in keys:
        yield str(one.name), *(column.name for column in one.columns)

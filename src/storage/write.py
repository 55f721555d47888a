"""A write to be done inside somebody else's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from storage.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Write:
    """A statement and the rows to run it with."""

    statement: Prepared
    #: each has a "row_key": the row that it locks
    rows: Sequence[dict[str, Any]]


def execute_writes(connection: Connection, writes: Sequence[Write]) -> None:
    """Run writes grouped by statement, every process in the same order so that none deadlock."""
    rows: dict[Prepared, list[dict[str, Any]]] = {}
    for write in writes:
        rows.setdefault(write.statement, []).extend(write.rows)
    for statement in sorted(rows, key=lambda statement: statement.name):
        ordered = sorted(rows[statement], key=lambda row: row["row_key"])
        statement.run_many(connection, ordered)

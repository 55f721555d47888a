"""A write to be done inside somebody else's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Executable


@dataclass(frozen=True, slots=True)
class Write:
    """A statement and the rows to run it with.

    The statement is made once, at import, so that the writes of many conversations in one group
    commit run together.
    """

    #: subject and verb, such as "deliveries.accept"; unique per statement
    name: str
    statement: Executable
    #: each has a "row_key": the row that it locks
    rows: Sequence[dict[str, Any]]


def execute_writes(connection: Connection, writes: Sequence[Write]) -> None:
    """Run writes grouped by statement, every process in the same order so that none deadlock."""
    statements: dict[str, Executable] = {}
    rows: dict[str, list[dict[str, Any]]] = {}
    for write in writes:
        statements[write.name] = write.statement
        rows.setdefault(write.name, []).extend(write.rows)
    for name in sorted(statements):
        if rows[name]:
            connection.execute(statements[name], sorted(rows[name], key=lambda row: row["row_key"]))

"""Writes that run inside the transaction of another operation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, Update, bindparam, update

from storage.engine.compiled import CompiledStatement
from storage.engine.database import empty_log_after


@dataclass(frozen=True, slots=True)
class Write:
    """A statement and the rows to run it with."""

    statement: CompiledStatement
    #: each has a "row_key": the row that it locks
    rows: Sequence[dict[str, Any]]
    #: True if it deletes what a person wrote, which SQLite's log must not keep either
    is_private: bool = False


def change_row(
    key: Column[Any],
    row_key: str | int,
    values: Mapping[str, Any],
    *,
    counted: Column[Any] | None = None,
) -> Write:
    """Set some columns of the row with this key; the column `counted` goes up by one."""
    row = {"row_key": row_key, **{f"new_{name}": value for name, value in values.items()}}
    return Write(_change_of(key, tuple(sorted(values)), counted), [row])


@cache
def _change_of(
    key: Column[Any], names: tuple[str, ...], counted: Column[Any] | None
) -> CompiledStatement:
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
    if counted is not None:
        values[counted.name] = counted + 1

    def build(dialect: str) -> Update:
        return update(key.table).where(key == bindparam("row_key")).values(values)

    return CompiledStatement(build, name=f"{key.table}.change({','.join(names)})")


def execute_writes(connection: Connection, writes: Sequence[Write]) -> None:
    """Run writes by statement and row key: the same order in all processes avoids deadlocks."""
    rows: dict[CompiledStatement, list[dict[str, Any]]] = {}
    for write in writes:
        rows.setdefault(write.statement, []).extend(write.rows)
    if any(write.is_private for write in writes):
        empty_log_after(connection)
    for statement in sorted(rows, key=lambda statement: statement.name):
        ordered = sorted(rows[statement], key=lambda row: row["row_key"])
        statement.run_many(connection, ordered)

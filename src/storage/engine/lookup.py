"""Finding rows by their keys in the next transaction, all that are asked for at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from sqlalchemy import Connection

from storage.engine.compiled import CompiledStatement, as_list
from storage.engine.group_commit import Operation


@dataclass(frozen=True, slots=True)
class Lookup(Operation[Any]):
    """Finds one row by its key, or None; all keys of one query are fetched at once.

    The query takes the list `keys`, and its first column is the key.
    """

    query: CompiledStatement
    key: str
    rank: ClassVar[int] = 4

    @classmethod
    def run(cls, operations: Sequence[Self], connection: Connection, now: float) -> Sequence[Any]:
        keys: dict[CompiledStatement, set[str]] = {}
        for operation in operations:
            keys.setdefault(operation.query, set()).add(operation.key)
        found = {
            (query, row[0]): row
            for query, wanted in keys.items()
            for row in query.fetch(connection, keys=as_list(wanted))
        }
        return [found.get((operation.query, operation.key)) for operation in operations]

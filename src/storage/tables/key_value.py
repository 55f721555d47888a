"""A key-value store for small things that outlive a process: one JSON value per name."""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, Connection, Table, Text, select

from storage.engine.database import insert, metadata
from storage.engine.group_commit import GroupCommit, Transaction

kept = Table(
    "kept",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)


def put(connection: Connection, name: str, value: Any) -> None:
    """Store a JSON value under a name, instead of the one of before."""
    new = insert(connection, kept).values(name=name, value=json.dumps(value))
    connection.execute(
        new.on_conflict_do_update(index_elements=["name"], set_={"value": new.excluded.value})
    )


def get(connection: Connection, name: str) -> Any:
    """Return the value of a name; None if there is none."""
    found = connection.execute(select(kept.c.value).where(kept.c.name == name)).scalar_one_or_none()
    return None if found is None else json.loads(found)


def made_once(connection: Connection, name: str, make: Callable[[], Any]) -> Any:
    """Return the value of a name; make and store it if there is none.

    Of several processes that make one at the same time, all get the one that was stored first.
    """
    known = get(connection, name)
    if known is not None:
        return known
    new = insert(connection, kept).values(name=name, value=json.dumps(make()))
    connection.execute(new.on_conflict_do_nothing())
    return get(connection, name)


class KeyValueStore:
    """Reads and writes values of the key-value table, each in its own transaction."""

    def __init__(self, database: GroupCommit) -> None:
        self._database = database

    async def put(self, name: str, value: Any) -> None:
        """Store a JSON value under a name, instead of the one of before."""
        await self._database.submit(Transaction(lambda connection, _: put(connection, name, value)))

    async def get(self, name: str) -> Any:
        """Return the value of a name; None if there is none."""
        return await self._database.submit(Transaction(lambda connection, _: get(connection, name)))

    async def made_once(self, name: str, make: Callable[[], Any]) -> Any:
        """Return the value of a name; make and store it if there is none."""
        known = await self._database.reader.run(lambda connection, _: get(connection, name))
        if known is not None:
            return known
        return await self._database.submit(
            Transaction(lambda connection, _: made_once(connection, name, make))
        )

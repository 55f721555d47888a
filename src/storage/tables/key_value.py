"""Small things that outlive a process: one JSON value under each name."""

import json
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
    new = insert(connection, kept).values(name=name, value=json.dumps(value))
    connection.execute(
        new.on_conflict_do_update(index_elements=["name"], set_={"value": new.excluded.value})
    )


def get(connection: Connection, name: str) -> Any:
    """None if nothing is kept under that name."""
    found = connection.execute(select(kept.c.value).where(kept.c.name == name)).scalar_one_or_none()
    return None if found is None else json.loads(found)


class KeyValueStore:
    """The same, each in a transaction of its own."""

    def __init__(self, database: GroupCommit) -> None:
        self._database = database

    async def put(self, name: str, value: Any) -> None:
        await self._database.submit(Transaction(lambda connection, _: put(connection, name, value)))

    async def get(self, name: str) -> Any:
        return await self._database.submit(Transaction(lambda connection, _: get(connection, name)))

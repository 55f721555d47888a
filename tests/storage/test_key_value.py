"""Values of the key-value table, which outlive a process."""

import asyncio
from itertools import count

from sqlalchemy import Connection

from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit, Transaction
from storage.tables.key_value import KeyValueStore, made_once, put


async def test_a_value_is_made_once(database: GroupCommit) -> None:
    store, made = KeyValueStore(database), count(1)
    assert [await store.made_once("secret", lambda: next(made)) for _ in range(3)] == [1, 1, 1]
    assert await store.get("secret") == 1
    await store.put("other", "given")
    assert await store.made_once("other", lambda: next(made)) == "given"


async def test_processes_that_make_a_value_at_the_same_time_have_the_same(
    migrated_url: str,
) -> None:
    processes = [GroupCommit(open_engine(migrated_url)) for _ in range(4)]
    made = count(1)
    found = await asyncio.gather(
        *(KeyValueStore(one).made_once("secret", lambda: next(made)) for one in processes)
    )
    assert len(set(found)) == 1
    assert {await KeyValueStore(one).get("secret") for one in processes} == set(found)
    for one in processes:
        await one.close()


async def test_a_value_that_is_stored_while_another_is_made_is_the_one(
    database: GroupCommit,
) -> None:
    def store_and_make(connection: Connection, _now: float) -> object:
        def make() -> str:
            put(connection, "secret", "first")
            return "second"

        return made_once(connection, "secret", make)

    assert await database.submit(Transaction(store_and_make)) == "first"

"""Transactions in groups: what the database refuses for now is tried again, without blocking."""

import asyncio
import sqlite3
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError
from tests.fakes.clock import ManualClock

from domain.inbound import Sender
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.migrate import upgrade
from storage.people.identities import Identities
from storage.tables.key_value import kept


async def test_another_program_that_writes_is_waited_for_off_the_loop(tmp_path: Path) -> None:
    file = tmp_path / "bot.db"
    engine = open_engine(f"sqlite:///{file}", lock_seconds=0.05)
    upgrade(engine)
    database = GroupCommit(engine)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    waiting = asyncio.create_task(Identities(database).resolve([Sender(user_id="CO.1")]))
    for _ in range(10):
        await asyncio.sleep(0)
    assert time.monotonic() - began < 1
    assert not waiting.done()
    other.execute("COMMIT")
    other.close()
    assert await waiting == ["CO.1"]
    await database.close()


async def test_a_statement_that_is_to_blame_is_tried_once_more_and_holds_up_nobody(
    database: GroupCommit,
) -> None:
    """The second time is for two processes that met the same person at the same moment."""
    tries = 0

    def add_twice(connection: Connection, now: float) -> None:
        nonlocal tries
        tries += 1
        for _ in range(2):
            connection.execute(insert(kept).values(name="one", value="x"))

    with pytest.raises(IntegrityError):
        await database.submit(Transaction(add_twice))
    assert tries == 2


async def test_the_clock_is_the_databases(database: GroupCommit, clock: ManualClock) -> None:
    """Processes whose own clocks differ agree on when somebody may be written to again."""
    clock.advance(timedelta(hours=1))
    await database.submit(Transaction(lambda connection, now: None))
    assert abs(database.clock().timestamp() - clock.now) < 5

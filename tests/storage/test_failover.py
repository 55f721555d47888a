"""A standby takes the place of its primary, with or without all that was acknowledged."""

import asyncio
import itertools
import sys
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import select
from tests.fakes.replicas import Replicas, replicas
from tests.webhook.test_overload import Web, body

from app.doctor import database as checks
from jobs.attempt import JobHandler
from jobs.model import Job, LaneState, NewJob, Outcome
from jobs.retry import INTERACTIVE
from jobs.tables import job
from jobs.worker import Worker
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.migrate import upgrade

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="stops processes by signals")

SENDERS = 5


@pytest.fixture
def servers() -> Iterator[Replicas]:
    with replicas() as servers:
        yield servers


@pytest.fixture
async def database(servers: Replicas) -> AsyncIterator[GroupCommit]:
    """Connected to whichever server takes writes."""
    engine = open_engine(servers.url)
    upgrade(engine)
    database = GroupCommit(engine)
    yield database
    await database.close()


class Traffic:
    """Meta sends message after message, each until it is answered with 200."""

    def __init__(self, database: GroupCommit) -> None:
        self._web = Web(database)
        self._numbers = itertools.count()
        self.acknowledged: set[str] = set()

    async def send(self) -> None:
        number = next(self._numbers)
        while (await self._web.post(body(number)))[0] != 200:  # noqa: ASYNC110 - as Meta does
            await asyncio.sleep(0.05)
        self.acknowledged.add(f"wamid.{number}")

    async def flow(self) -> None:
        while True:
            await self.send()

    async def grows_by(self, count: int) -> None:
        wanted = len(self.acknowledged) + count
        while len(self.acknowledged) < wanted:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def stored(database: GroupCommit) -> set[str]:
    query = select(job.c.key).where(job.c.kind == "message")
    keys = await database.submit(Transaction(lambda c, _: list(c.scalars(query))))
    return {key.partition(":")[2] for key in keys}


async def test_a_synchronous_standby_has_all_that_was_acknowledged(
    servers: Replicas, database: GroupCommit
) -> None:
    servers.make_synchronous()
    finding = await checks.durability(servers.url)
    assert (finding.result, finding.said.partition(":")[0]) == ("OK", "synchronous")
    traffic = Traffic(database)
    senders = [asyncio.create_task(traffic.flow()) for _ in range(SENDERS)]
    async with asyncio.timeout(60):
        await traffic.grows_by(100)
        await asyncio.to_thread(servers.stall_replication)  # nothing is acknowledged any more
        await asyncio.to_thread(servers.fail_over)
        await traffic.grows_by(50)  # the bot goes on by itself, with the new primary
    for sender in senders:
        sender.cancel()
    await asyncio.gather(*senders, return_exceptions=True)
    assert traffic.acknowledged <= await stored(database)
    assert await handled(database) == sorted(await stored(database))


async def handled(database: GroupCommit) -> list[str]:
    """What a worker makes of it: one reply for each."""

    async def reply(job: Job, state: LaneState) -> Outcome:
        return Outcome(jobs=[NewJob("results", "result", str(job.key).partition(":")[2])])

    worker = Worker(database, {"message": JobHandler(reply, INTERACTIVE)}, pools=("in",))
    await worker.run_until_idle()
    query = select(job.c.body).where(job.c.kind == "result")
    bodies = await database.submit(Transaction(lambda c, _: list(c.scalars(query))))
    return sorted(one.strip('"') for one in bodies)


async def test_an_asynchronous_standby_lacks_what_it_had_not_received(
    servers: Replicas, database: GroupCommit
) -> None:
    finding = await checks.durability(servers.url)
    assert (finding.result, finding.said.partition(":")[0]) == ("WARN", "asynchronous")
    traffic = Traffic(database)
    await asyncio.gather(*(traffic.send() for _ in range(10)))
    received = set(traffic.acknowledged)
    await is_replicated(servers, len(received))
    servers.stall_replication()
    await asyncio.gather(*(traffic.send() for _ in range(100)))
    assert len(traffic.acknowledged) == 110
    await asyncio.to_thread(servers.fail_over)
    assert await stored(database) == received
    await traffic.send()
    assert len(await stored(database)) == 11


async def is_replicated(servers: Replicas, count: int) -> None:
    engine = open_engine(servers.standby_url)
    async with asyncio.timeout(30):
        with engine.connect() as connection:
            found = connection.execution_options(isolation_level="AUTOCOMMIT")
            # of another process, which does not tell this loop
            while len(found.execute(select(job.c.id)).all()) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    engine.dispose()

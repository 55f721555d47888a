"""Two webs, three workers and a PostgreSQL: whatever happens to any of them, people notice little.

Everybody registers in the same words while things break, and must hear exactly what somebody
hears whom nothing disturbs: nothing lost, nothing out of order, no step taken twice.
"""

import asyncio
import random
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select, text
from tests.fakes.cluster import LEASE_SECONDS, Cluster, Meta
from tests.fakes.postgres import Postgres, postgres

from emulator.loopback import LoopbackServer
from jobs.model import JobState
from jobs.tables import job
from storage.tables.users import user

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="stops processes by signals"),
    pytest.mark.timeout(400),
]

WORDS = [
    "hello",
    "register",
    "Ana Smith",
    "cc",
    "1.020.300",
    "25/12/1990",
    "I build bots, and cook on Sundays",
    "yes",
]
#: uvicorn ends by the signal that it was sent.
ENDED_AS_ASKED = (0, -signal.SIGTERM)
LAST_WORDS = "You're registered. Welcome, Ana!"
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
#: Without it, one worker's clock is not an hour ahead.
SKEW = str(FAKETIME) if FAKETIME.exists() else None
PATIENCE = 180


class Town:
    """People, and all that serves them."""

    def __init__(self, meta: Meta, cluster: Cluster, database: Postgres) -> None:
        self.meta = meta
        self.cluster = cluster
        self.database = database

    async def register(self, person: str, *, pause: float = 0.0) -> None:
        for number, words in enumerate(WORDS):
            await self.meta.deliver(self.cluster.web_ports, person, number, words)
            await asyncio.sleep(pause)

    async def all_heard(self, people: list[str], count: int) -> bool:
        async with asyncio.timeout(PATIENCE):
            # of other processes: they do not tell this loop
            while any(len(self.meta.heard.get(one, [])) < count for one in people):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        return True


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    meta = Meta()
    server = LoopbackServer(meta.app())
    await server.start()
    with postgres() as database:
        cluster = Cluster(database.url, server.url, tmp_path, skew=SKEW)
        yield Town(meta, cluster, database)
        cluster.end()
    await server.stop()


def number_of(one: int) -> str:
    return f"1555{one + 1000:07}"


async def test_whatever_breaks_everybody_hears_the_same(town: Town) -> None:
    calm = number_of(0)
    await town.register(calm)
    expected = await everything_heard(town, calm)
    people = [number_of(one) for one in range(1, 41)]
    chance = random.Random(20261121)
    registering = asyncio.gather(*(begin(town, one, chance.uniform(0, 10)) for one in people))
    await everything_breaks(town)
    await registering
    await town.all_heard(people, len(expected))
    for person in people:
        assert town.meta.heard[person] == expected, history(town.database.url, person)
    assert town.meta.refused > 0, "nothing broke"
    check_the_database(town.database.url, people=len(people) + 1)
    assert "Deadlock" not in town.cluster.log()


async def begin(town: Town, person: str, after: float) -> None:
    await asyncio.sleep(after)
    await town.register(person, pause=0.3)


async def everything_heard(town: Town, person: str) -> list[str]:
    """What somebody heard, once the last words were said."""
    async with asyncio.timeout(PATIENCE):
        while not any(one.startswith(LAST_WORDS) for one in town.meta.heard.get(person, [])):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    return list(town.meta.heard[person])


async def everything_breaks(town: Town) -> None:
    cluster = town.cluster
    await asyncio.sleep(1)
    cluster.kill("web0")
    await asyncio.sleep(1)
    cluster.start("web0")
    cluster.kill("worker0")
    cluster.pause("worker1")
    await asyncio.sleep(LEASE_SECONDS * 1.5)
    cluster.resume("worker1")
    cluster.start("worker0")
    await asyncio.to_thread(town.database.crash)
    await asyncio.sleep(1)
    await asyncio.to_thread(town.database.restart)
    cluster.kill("web1")
    cluster.kill("worker2")
    cluster.start("worker2")
    await asyncio.sleep(1)
    cluster.start("web1")
    cluster.revive()
    await roll_out(town)


async def roll_out(town: Town) -> None:
    """A new version: its migration first, then one process after the other."""
    admin = create_engine(town.database.url)
    with admin.begin() as connection:
        connection.execute(text("ALTER TABLE users ADD COLUMN of_the_next_version text"))
        connection.execute(text("UPDATE alembic_version SET version_num = 'next'"))
    admin.dispose()
    for name in town.cluster.names:
        assert await asyncio.to_thread(town.cluster.stop, name) in ENDED_AS_ASKED
        town.cluster.start(name)


def history(url: str, person: str) -> str:
    """The jobs of somebody, one in a line, for whoever wants to know what went wrong."""
    engine = create_engine(url)
    mine = job.c.lane.contains(person)
    with engine.connect() as connection:
        rows = connection.execute(select(job).where(mine).order_by(job.c.id)).all()
    engine.dispose()
    return "\n".join(str(row._asdict()) for row in rows)


def check_the_database(url: str, *, people: int) -> None:
    engine = create_engine(url)
    with engine.connect() as connection:
        count = select(func.count()).select_from(job)
        assert connection.scalar(count.where(job.c.kind == "message")) == people * len(WORDS)
        assert connection.scalar(count.where(job.c.state == JobState.DEAD)) == 0
        registered = select(func.count()).where(user.c.registered_at.is_not(None))
        assert connection.scalar(registered) == people
    engine.dispose()

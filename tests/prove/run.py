"""One run: processes, people and faults at the same time, and then the history of it all."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.prove.bugs import VARIABLE
from tests.prove.checker import unanswered
from tests.prove.databases import PostgresDatabase, SqliteFile, connected
from tests.prove.faults import Scene, cause
from tests.prove.fleet import Fleet
from tests.prove.history import History, Kind
from tests.prove.meta import Meta
from tests.prove.people import Crowd, People
from tests.prove.plan import Step
from tests.prove.recorder import read_end

from emulator.loopback import LoopbackServer

#: Processes of a run on SQLite, and on PostgreSQL. The names begin with the role.
ONE_PROCESS = ("all0",)
SEVERAL = ("web0", "web1", "worker0", "worker1", "worker2")
#: A machine that is too slow for a first answer in this time proves nothing.
LONGEST_WARM_UP_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Setup:
    """What runs, and what breaks."""

    seed: int
    plan: Iterable[Step]
    #: Seconds of faults: those that the plan has for later do not happen.
    seconds: float = 600.0
    processes: Sequence[str] = ONE_PROCESS
    crowd: Crowd = field(default_factory=Crowd)
    #: Whether the plan may step the clocks of processes.
    has_clocks: bool = False
    #: Name of a bug to put into every process; None for the bot as it is.
    bug: str | None = None
    #: Seconds without any message of the bot, after which no answer is waited for any more.
    patience: float = 45.0
    #: Shortest time before the first fault, and after the last one.
    warm_up: float = 1.0

    def environment(self) -> Mapping[str, str]:
        """Return environment variables of all processes."""
        return {VARIABLE: self.bug} if self.bug else {}


async def run(setup: Setup, folder: Path, database: SqliteFile | PostgresDatabase) -> History:
    """Run until every answer has come; `folder` gets the logs of the processes."""
    history = History()
    async with _meta(history, setup.seed) as meta_url:
        fleet = Fleet(
            folder,
            setup.processes,
            database,
            meta_url,
            setup.environment(),
            has_clocks=setup.has_clocks,
        )
        try:
            for name in setup.processes:
                fleet.start(name)
            await fleet.until_ready()
            people = People(history, list(fleet.ports.values()), setup.crowd, setup.seed)
            people.begin()
            await asyncio.sleep(setup.warm_up)
            if setup.plan:
                await _until_forms_have_begun(history, setup.crowd.in_forms)
            await _break(Scene(fleet, people, history, database), setup)
            await asyncio.sleep(setup.warm_up)
            await people.leave()
            await _until_answered(history, setup.patience)
            await asyncio.gather(*map(fleet.stop, setup.processes))
        finally:
            fleet.end()
    with connected(database.url) as connection:
        read_end(connection, history)
    return history


async def _break(scene: Scene, setup: Setup) -> None:
    """Cause one fault after the other, each to webs that work."""
    ends_at = time.monotonic() + setup.seconds
    for step in setup.plan:
        await asyncio.sleep(step.after)
        if time.monotonic() > ends_at:
            break
        await cause(scene, step)
        scene.fleet.revive()
        await scene.fleet.until_ready()


@asynccontextmanager
async def _meta(history: History, seed: int) -> AsyncIterator[str]:
    server = LoopbackServer(Meta(history.arrivals, Random(f"meta {seed}")).app())
    await server.start()
    yield server.url
    await server.stop()


async def _until_forms_have_begun(history: History, people: int) -> None:
    """Wait until so many people have got a question: their timers are set by then."""
    async with asyncio.timeout(LONGEST_WARM_UP_SECONDS):
        while len(_people_in_forms(history)) < people:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


def _people_in_forms(history: History) -> set[str]:
    began = {each.person for each in history.messages if each.kind is Kind.FORM}
    return began & {each.person for each in history.arrivals}


async def _until_answered(history: History, patience: float) -> None:
    """Wait for every answer that is due; give up when nothing at all happens any more."""
    since, seen = time.monotonic(), -1
    while unanswered(history) and time.monotonic() - since < patience:
        if len(history.arrivals) != seen:
            since, seen = time.monotonic(), len(history.arrivals)
        await asyncio.sleep(0.2)

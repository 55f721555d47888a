"""Causes the faults of a plan: each lasts until everything is as before."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from tests.prove.databases import PostgresDatabase, SqliteFile, connected
from tests.prove.fleet import LEASE_SECONDS, Fleet, has_faketime
from tests.prove.history import Fault, History, Rollback
from tests.prove.people import People
from tests.prove.plan import Step
from tests.prove.recorder import forget, read_events

#: A process stands still, or is cut off, for so long and up to a second more: its lease has ended,
#: and others are in the middle of its jobs.
PAST_LEASE_SECONDS = LEASE_SECONDS + 0.2
#: Steps of a process's clock. On SQLite it is the clock of the database, too.
HOUR, FEW_SECONDS = 3600, 5


@dataclass(frozen=True, slots=True)
class Scene:
    """All that can break."""

    fleet: Fleet
    people: People
    history: History
    database: SqliteFile | PostgresDatabase


Cause = Callable[[Scene, str, float], Awaitable[None]]


async def cause(scene: Scene, step: Step) -> None:
    """Cause one fault, and note it."""
    names = scene.fleet.names
    victim = names[int(step.victim * len(names))]
    began = time.monotonic()
    await FAULTS[step.kind](scene, victim, step.seconds)
    whom = "" if step.kind in OF_ALL else victim
    scene.history.faults.append(Fault(step.kind, whom, began, time.monotonic()))


async def _kill(scene: Scene, name: str, seconds: float) -> None:
    scene.fleet.kill(name)
    scene.fleet.start(name)
    if seconds < 1 / 4:  # again, while it starts
        await asyncio.sleep(seconds * 4)
        scene.fleet.kill(name)
        scene.fleet.start(name)


async def _terminate(scene: Scene, name: str, seconds: float) -> None:
    await scene.fleet.stop(name)
    scene.fleet.start(name)


async def _stall(scene: Scene, name: str, seconds: float) -> None:
    scene.fleet.pause(name)
    await asyncio.sleep(PAST_LEASE_SECONDS + seconds)
    scene.fleet.resume(name)


async def _step_clock(scene: Scene, name: str, seconds: float) -> None:
    size = FEW_SECONDS if isinstance(scene.database, SqliteFile) else HOUR
    scene.fleet.set_clock(name, f"+{size}")
    await asyncio.sleep(seconds * 2)
    scene.fleet.set_clock(name, "+0")


async def _cut(scene: Scene, name: str, seconds: float) -> None:
    """Cut the connections of one process; it may connect again at once."""
    line = _postgres(scene).lines[name]
    await line.down()
    await line.up()


async def _partition(scene: Scene, name: str, seconds: float) -> None:
    """Nothing of a process's connections arrives any more, until they break."""
    line = _postgres(scene).lines[name]
    line.refuse()
    line.hush()
    await asyncio.sleep(PAST_LEASE_SECONDS + seconds)
    await line.down()
    await line.up()


async def _crash(scene: Scene, name: str, seconds: float) -> None:
    """Kill PostgreSQL; a process that starts meanwhile ends, and is started again."""
    server = _postgres(scene).server
    assert server is not None, "the server is ours"
    await asyncio.to_thread(server.crash)
    scene.fleet.revive()


async def _restart(scene: Scene, name: str, seconds: float) -> None:
    server = _postgres(scene).server
    assert server is not None, "the server is ours"
    await asyncio.to_thread(server.restart)
    scene.fleet.revive()


async def _fail_over(scene: Scene, name: str, seconds: float) -> None:
    """Kill the primary, promote its standby, and give it a standby of its own."""
    database = _postgres(scene)
    assert database.servers is not None, "there is a standby"
    await asyncio.to_thread(database.servers.fail_over)
    for line in database.lines.values():
        line.server_address = database.address
        await line.down()
        await line.up()
    scene.fleet.revive()
    await asyncio.sleep(seconds * 2)
    await asyncio.to_thread(database.servers.add_standby)
    await asyncio.to_thread(database.servers.make_synchronous)


async def _restore(scene: Scene, name: str, seconds: float) -> None:
    """Take a backup, go on for a while, and restore it. Afterwards other people write."""
    fleet, history = scene.fleet, scene.history
    file = fleet.folder / f"backup.{len(history.rollbacks)}"
    copied_at = time.monotonic()
    await fleet.command("backup", str(file))
    await asyncio.sleep(seconds * 3)
    await scene.people.abandon()
    await fleet.stop(name)
    with connected(scene.database.url) as connection:
        history.segments.append(read_events(connection))
    await fleet.command("restore", str(file))
    with connected(scene.database.url) as connection:
        forget(connection)
    history.rollbacks.append(Rollback(copied_at, time.monotonic()))
    fleet.start(name)
    scene.people.begin()


def _postgres(scene: Scene) -> PostgresDatabase:
    assert isinstance(scene.database, PostgresDatabase), "only PostgreSQL has lines"
    return scene.database


FAULTS: Mapping[str, Cause] = {
    "kill": _kill,
    "terminate": _terminate,
    "stall": _stall,
    "clock": _step_clock,
    "cut": _cut,
    "partition": _partition,
    "crash": _crash,
    "restart": _restart,
    "failover": _fail_over,
    "restore": _restore,
}
#: Faults of all processes.
OF_ALL = frozenset({"crash", "restart", "failover", "restore"})
#: Names of faults and how often they are chosen, by what there is.
OF_PROCESSES = {"kill": 4.0, "stall": 2.0, "terminate": 1.0}
OF_LINES = {"cut": 2.0, "partition": 1.0}
OF_OUR_SERVER = {"crash": 1.0, "restart": 1.0}
OF_REPLICAS = {"failover": 1.0}
OF_FILES = {"restore": 1.0}
OF_CLOCKS = {"clock": 1.0}


def kinds_for(database: SqliteFile | PostgresDatabase) -> dict[str, float]:
    """Return the faults that can be caused to a database and its processes, with their weights."""
    kinds = {**OF_PROCESSES, **(OF_CLOCKS if has_faketime() else {})}
    if isinstance(database, SqliteFile):
        return kinds | OF_FILES
    kinds |= OF_LINES
    if database.servers is not None:
        return kinds | OF_REPLICAS
    return kinds | (OF_OUR_SERVER if database.server is not None else {})

"""Nothing is lost, doubled or put out of order, whatever dies or stalls in the middle."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, func, select
from tests.jobs.chaos_process import CONVERSATIONS, LEASE, MESSAGES_EACH, is_poison

from jobs.model import JobState
from jobs.tables import job, lane
from storage.engine.database import open_engine
from storage.engine.migrate import upgrade

PROGRAM = Path(__file__).with_name("chaos_process.py")
SOURCES = Path(__file__).parents[2] / "src"
BLOWS = 10
SECONDS_BETWEEN_BLOWS = (1.2, 2.4)
SECONDS_TO_FINISH = 60


class Processes:
    """Starts the processes of a chaos run, hurts them, and starts them again."""

    def __init__(self, url: str, folder: Path, roles: list[str]) -> None:
        self._url = url
        self._folder = folder
        self._roles = roles
        self._shares = sum(role != "worker" for role in roles)
        self._running = [self._start(place) for place in range(len(roles))]

    def _start(self, place: int) -> "subprocess.Popen[bytes]":
        share = min(place, self._shares - 1)
        arguments = [self._roles[place], self._url, self._folder, share, self._shares]
        with (self._folder / f"errors.{place}").open("ab") as errors:
            return subprocess.Popen(
                [sys.executable, str(PROGRAM), *map(str, arguments)],
                env={**os.environ, "PYTHONPATH": str(SOURCES)},
                stderr=errors,
            )

    def kill(self, place: int) -> None:
        self._running[place].kill()
        self._running[place].wait()
        self._running[place] = self._start(place)

    def stall(self, place: int) -> None:
        """Freeze a process for longer than its lease, then let it go on unaware."""
        self._running[place].send_signal(signal.SIGSTOP)
        time.sleep(LEASE.total_seconds() * 1.5)
        self._running[place].send_signal(signal.SIGCONT)

    def end(self) -> None:
        for process in self._running:
            process.kill()
            process.wait()


@pytest.fixture
def processes(database_url: str, tmp_path: Path) -> Iterator[Processes]:
    engine = open_engine(database_url)
    upgrade(engine)
    engine.dispose()
    is_sqlite = database_url.startswith("sqlite")
    roles = ["both"] if is_sqlite else ["web", "web", "worker", "worker", "worker"]
    started = Processes(database_url, tmp_path, roles)
    yield started
    started.end()


def test_kills_and_stalls_lose_double_and_disorder_nothing(
    processes: Processes, database_url: str, tmp_path: Path
) -> None:
    chance = random.Random(20261121)
    is_sqlite = database_url.startswith("sqlite")
    for blow in range(BLOWS):
        time.sleep(chance.uniform(*SECONDS_BETWEEN_BLOWS))
        place = 0 if is_sqlite else chance.randrange(5)
        if blow % 5 == 4:
            processes.stall(0 if is_sqlite else chance.randrange(2, 5))
        else:
            processes.kill(place)
    wait_until_all_is_done(database_url)
    processes.end()
    engine = open_engine(database_url)
    with engine.connect() as connection:
        check_committed_state(connection)
        check_replies(connection, tmp_path / "received")
    engine.dispose()
    acknowledged = {
        key for notes in tmp_path.glob("acknowledged.*") for key in notes.read_text().split()
    }
    assert len(acknowledged) == CONVERSATIONS * MESSAGES_EACH
    assert not any("Deadlock" in errors.read_text() for errors in tmp_path.glob("errors.*"))


def wait_until_all_is_done(url: str) -> None:
    engine = open_engine(url)
    deadline = time.monotonic() + SECONDS_TO_FINISH
    while not is_all_done(engine) and time.monotonic() < deadline:
        time.sleep(0.5)
    finished = is_all_done(engine)
    engine.dispose()
    assert finished, "work was left undone"


def is_all_done(engine: Engine) -> bool:
    messages = select(func.count()).where(job.c.kind == "message")
    waiting = select(func.count()).where(job.c.state == JobState.TODO)
    with engine.connect() as connection:
        everything = connection.scalar(messages) == CONVERSATIONS * MESSAGES_EACH
        return everything and connection.scalar(waiting) == 0


def expected(conversation: int) -> list[int]:
    return [n for n in range(1, MESSAGES_EACH + 1) if not is_poison(conversation, n)]


def check_committed_state(connection: Connection) -> None:
    states = connection.execute(select(lane.c.name, lane.c.state).where(lane.c.pool == "in"))
    found = {row.name: row.state for row in states}
    wanted = {
        f"in:{conversation}": str({"seen": expected(conversation)})
        .replace("'", '"')
        .replace(" ", "")
        for conversation in range(CONVERSATIONS)
    }
    assert found == wanted, "each message changes its conversation once, in order"
    dead = select(job.c.body).where(job.c.state == JobState.DEAD, job.c.error.contains("poison"))
    poisonous = [c for c in range(CONVERSATIONS) if len(expected(c)) < MESSAGES_EACH]
    assert len(connection.execute(dead).all()) == len(poisonous)


def check_replies(connection: Connection, received: Path) -> None:
    """Each reply arrived at least once; its first arrival is in order."""
    arrived: dict[int, list[int]] = defaultdict(list)
    for line in received.read_text().splitlines():
        conversation, number = map(int, line.split())
        if number not in arrived[conversation]:
            arrived[conversation].append(number)
    assert arrived == {
        conversation: expected(conversation) for conversation in range(CONVERSATIONS)
    }
    replies = connection.execute(select(job.c.lane).where(job.c.kind == "send")).scalars()
    assert Counter(replies) == {f"out:{c}": len(expected(c)) for c in range(CONVERSATIONS)}

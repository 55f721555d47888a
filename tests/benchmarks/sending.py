"""How fast messages leave, and how well the number's speed limit is kept."""

import asyncio
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import ExitStack

from tests.benchmarks.bodies import PHONE_NUMBER_ID, text_body, wa_id_of
from tests.benchmarks.load import send_steadily
from tests.benchmarks.replies import replies_of, serving_bot, serving_sink
from tests.benchmarks.report import Figure, Report, Section
from tests.benchmarks.serving import (
    environment,
    postgres,
    postgres_database,
    sqlite_file,
    worker,
)
from tests.benchmarks.sink import arrivals, wait_for_replies

from app.runtime.event_loop import run
from jobs.job_queue import JobQueue
from jobs.model import NewJob, Priority
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit
from storage.engine.migrate import upgrade

UNLIMITED = 100_000
SENDS = 10_000
#: For how long a limited line is watched.
SECONDS = 10
#: Messages of a broadcast that wait while people write, so many a second.
BULK, HELLOS_PER_SECOND = 1_000, 5


def measure(report: Report, scale: float) -> None:
    """Messages that wait in the outbox when the workers start, each to another person."""
    section = Section("sending", "Sending from the outbox, workers only")
    report.sections.append(section)
    count = int(SENDS * scale)
    with postgres() as server:
        for limit, sends in ((UNLIMITED, count), (80, 80 * SECONDS), (1_000, 1_000 * SECONDS)):
            with sqlite_file() as url:
                section.add(_drained(url, limit, sends, processes=1, kind="SQLite"))
            with postgres_database(server) as url:
                section.add(_drained(url, limit, sends, processes=3, kind="PostgreSQL"))
    with sqlite_file() as url:
        section.add(_beside_bulk(url))


def _drained(url: str, limit: int, count: int, *, processes: int, kind: str) -> Figure:
    run(_fill(url, count))
    with ExitStack() as stack:
        sink = stack.enter_context(serving_sink())
        settings = environment(url, sink.url, MESSAGES_PER_SECOND=str(limit))
        for _ in range(processes):
            stack.enter_context(worker(settings))
        wait_for_replies(sink, count, patience=20)
        times = [at for _, at in arrivals(sink)]
    who = f"{processes} process{'es' if processes > 1 else ''} on {kind}"
    name = f"{who}, {'no limit' if limit == UNLIMITED else f'limit {limit:,}/s'}"
    lost = count - len(times)
    note = f"worst second {worst_second(times):,}" + (f", {lost} LOST" if lost else "")
    return Figure(name, per_second=(len(times) - 1) / (times[-1] - times[0]), note=note)


def _beside_bulk(url: str) -> Figure:
    """How long people wait for an answer while a broadcast uses up the limit of the number."""
    run(_fill(url, BULK, Priority.LOW))
    people = range(BULK, BULK + HELLOS_PER_SECOND * SECONDS)
    with serving_bot(url, MESSAGES_PER_SECOND="80") as (bot, sink):
        bodies = [text_body(user) for user in people]
        taken = run(send_steadily(bot.url, bodies, HELLOS_PER_SECOND))
        wait_for_replies(sink, BULK + len(people))
        replied = replies_of(sink, taken, people)
    name = f"webhook to reply while {BULK:,} bulk messages wait, limit 80/s"
    return replied.named(name)


def worst_second(times: Sequence[float]) -> int:
    """The most that came within any one second."""
    return max(bisect_right(times, at + 1.0) - place for place, at in enumerate(times))


async def _fill(url: str, count: int, priority: Priority = Priority.HIGH) -> None:
    engine = open_engine(url)
    upgrade(engine)
    database = GroupCommit(engine)
    lanes = JobQueue(database)
    await asyncio.gather(*(lanes.enqueue([_send(user, priority)]) for user in range(count)))
    await database.close()


def _send(user: int, priority: Priority) -> NewJob:
    body = {
        "message": {"type": "text", "text": {"body": "hola"}},
        "to": f"+{wa_id_of(user)}",
        "recipient": None,
        "read": None,
        "upload": None,
    }
    lane = f"out:{PHONE_NUMBER_ID}:{user}"
    return NewJob(lane, "send", body, key=f"bench.{user}", priority=priority)

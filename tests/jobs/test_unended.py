"""Jobs that end their process, or end in ways that no handler should, are counted all the same."""

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select
from tests.fakes.clock import ManualClock
from tests.fakes.database_templates import make_file
from tests.fakes.tables import change

from jobs.attempt import JobHandler
from jobs.isolation import MAX_SECONDS_ALONE, Isolation, Suspects, sort_out
from jobs.job_queue import JobQueue
from jobs.lease import Claim, LaneLease, ReleaseLanes, release_all_leases
from jobs.model import Job, JobState, LaneState, NewJob, Outcome, Snooze
from jobs.retry import RetryPolicy
from jobs.tables import job, lane
from jobs.worker import Worker
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit, Transaction

PROGRAM = Path(__file__).with_name("unended_process.py")
SOURCES = Path(__file__).parents[2] / "src"
NEIGHBOURS = 20
STEADY = RetryPolicy(
    tries=3, first=timedelta(seconds=10), longest=timedelta(hours=1), chance=lambda: 0.5
)
CLAIM = Claim(("in",), limit=10, lease=30)


def note(lane: str, number: int, *, bad: int = 0) -> NewJob:
    return NewJob(lane, "note", {"bad": bad, "number": number})


async def store(url: str, *jobs: NewJob) -> None:
    database = GroupCommit(open_engine(url))
    await JobQueue(database).enqueue(jobs)
    await database.close()


def start_again_and_again(url: str, *, times: int) -> list[int]:
    """Run a worker until all notes are done, at most so often; return the exit codes."""
    codes: list[int] = []
    while len(codes) < times and (not codes or codes[-1] != 0):
        ended = subprocess.run(
            [sys.executable, str(PROGRAM), url],
            env={**os.environ, "PYTHONPATH": str(SOURCES)},
            check=False,
        )
        codes.append(ended.returncode)
    return codes


def read(url: str) -> tuple[list[tuple[Any, ...]], dict[str, list[int]]]:
    """Return (lane, state, tries, error) of all jobs that are not done, and what lanes noted."""
    columns = (job.c.lane, job.c.state, job.c.tries, job.c.error)
    engine = open_engine(url)
    with engine.connect() as connection:
        left = connection.execute(select(*columns).where(job.c.state != JobState.DONE)).all()
        states = dict(map(tuple, connection.execute(select(lane.c.name, lane.c.state))))
    engine.dispose()
    noted = {name: json.loads(state)["done"] for name, state in states.items() if state}
    return [tuple(row) for row in left], noted


async def test_a_job_that_ends_its_process_is_given_up_and_its_neighbours_are_done(
    migrated_url: str,
) -> None:
    """Process after process dies of it; its own lane goes on, too, and the person is told."""
    neighbours = [note(f"in:p{number}", number) for number in range(NEIGHBOURS)]
    lane_of_poison = [note("in:a", 1), note("in:a", 2), note("in:a", 3, bad=1), note("in:a", 4)]
    await store(migrated_url, *lane_of_poison, *neighbours)
    codes = start_again_and_again(migrated_url, times=5)
    assert codes == [137, 137, 137, 137, 0]
    left, noted = read(migrated_url)
    assert sorted(left) == [
        ("in:a", JobState.DEAD, 4, "Abandoned: begun 4 times without an end"),
        ("out:sorry", JobState.TODO, 0, None),
    ]
    assert noted == {"in:a": [1, 2, 4], **{f"in:p{n}": [n] for n in range(NEIGHBOURS)}}


async def test_two_jobs_that_end_their_process_take_no_innocent_one_with_them(
    tmp_path: Path,
) -> None:
    """Two processes have ended already, with all of them."""
    make_file(tmp_path / "bot.db")
    url = f"sqlite:///{tmp_path / 'bot.db'}"
    neighbours = [note(f"in:p{number}", number) for number in range(NEIGHBOURS)]
    await store(url, note("in:a", 1, bad=1), *neighbours, note("in:z", 1, bad=1))
    change(url, "UPDATE lane SET starts = 2")
    codes = start_again_and_again(url, times=7)
    assert codes == [137] * (len(codes) - 1) + [0]
    left, noted = read(url)
    assert Counter(row[:2] for row in left if row[0] != "out:sorry") == {
        ("in:a", JobState.DEAD): 1,
        ("in:z", JobState.DEAD): 1,
    }
    assert noted == {f"in:p{n}": [n] for n in range(NEIGHBOURS)}


@pytest.fixture
def lanes(database: GroupCommit) -> JobQueue:
    return JobQueue(database)


async def die_holding_all(database: GroupCommit, *, times: int) -> None:
    """What a process leaves that ends without a word, and what the next one finds."""
    for _ in range(times):
        while await database.submit(Claim(("in", "out"), limit=100, lease=30)):
            pass
        await database.submit(Transaction(release_all_leases))


async def starts(database: GroupCommit, name: str = "in:ana") -> int | None:
    query = select(lane.c.starts).where(lane.c.name == name)
    return await database.submit(Transaction(lambda connection, _: connection.scalar(query)))


async def errors(database: GroupCommit) -> list[tuple[int, int, str | None]]:
    """(state, tries, error) of all jobs in order."""
    query = select(job.c.state, job.c.tries, job.c.error).order_by(job.c.id)

    def look(connection: Connection, _: float) -> list[tuple[int, int, str | None]]:
        return [(row[0], row[1], row[2]) for row in connection.execute(query)]

    return await database.submit(Transaction(look))


async def test_only_the_job_that_begins_counts_as_begun(
    lanes: JobQueue, database: GroupCommit
) -> None:
    """The jobs behind it in the same claim are not blamed, however often it did not end."""
    await lanes.enqueue([note("in:ana", number) for number in range(3)])
    await die_holding_all(database, times=3)
    [claimed] = await database.submit(CLAIM)
    assert ([one.body["number"] for one in claimed.jobs], claimed.starts) == ([0], 3)
    await database.submit(Transaction(release_all_leases))
    ran: list[int] = []

    async def handle(job: Job, state: LaneState) -> Outcome:
        ran.append(job.body["number"])
        return Outcome()

    worker = Worker(database, {"note": JobHandler(handle, STEADY)}, pools=("in",))
    await worker.run_until_idle()
    assert ran == [1, 2]
    assert [(state, tries) for state, tries, _ in await errors(database)] == [
        (JobState.DEAD, 4),
        (JobState.DONE, 0),
        (JobState.DONE, 0),
    ]
    assert await starts(database) == 0


async def test_a_snoozed_or_stopped_or_failed_job_takes_its_start_back(
    lanes: JobQueue, database: GroupCommit, clock: ManualClock
) -> None:
    endings: list[BaseException] = [Snooze("later", timedelta(seconds=10)) for _ in range(9)]
    endings.append(RuntimeError())

    async def handle(job: Job, state: LaneState) -> Outcome:
        raise endings.pop(0)

    worker = Worker(database, {"note": JobHandler(handle, STEADY)}, pools=("in",))
    await lanes.enqueue([note("in:ana", 1)])
    await die_holding_all(database, times=1)
    for _ in range(10):
        await worker.run_until_idle()
        assert await starts(database) == 1
        clock.advance(timedelta(seconds=10))
    for _ in range(9):
        [held] = await database.submit(CLAIM)
        assert await starts(database) == 2
        await database.submit(ReleaseLanes([LaneLease(held.name, held.token)]))
    assert await starts(database) == 1
    assert [(state, tries) for state, tries, _ in await errors(database)] == [(JobState.TODO, 1)]


async def test_a_lane_that_another_worker_took_over_counts_one_start_and_no_failure(
    lanes: JobQueue, database: GroupCommit, clock: ManualClock
) -> None:
    await lanes.enqueue([note("in:ana", 1)])
    [stalled] = await database.submit(CLAIM)
    clock.advance(timedelta(seconds=31))
    [taken_over] = await database.submit(CLAIM)
    assert taken_over.starts == 1
    await database.submit(ReleaseLanes([LaneLease(stalled.name, stalled.token)]))  # too late
    assert await starts(database) == 2
    await database.submit(ReleaseLanes([LaneLease(taken_over.name, taken_over.token)]))
    assert await starts(database) == 1
    assert [tries for _, tries, _ in await errors(database)] == [0]


async def test_an_apology_that_ends_the_process_too_is_left_out(
    lanes: JobQueue, database: GroupCommit
) -> None:
    async def never(job: Job, state: LaneState) -> Outcome:
        raise AssertionError

    await lanes.enqueue([note("in:ana", 1)])
    await die_holding_all(database, times=5)
    kind = JobHandler(never, STEADY, on_discard=never)
    await Worker(database, {"note": kind}, pools=("in",)).run_until_idle()
    assert await errors(database) == [(JobState.DEAD, 5, "Abandoned: begun 5 times without an end")]


async def test_suspects_run_apart_and_take_turns_with_others(
    lanes: JobQueue, database: GroupCommit
) -> None:
    """Those who died in a group run alone; in two workers of one process, as well."""
    suspects = [*(f"in:s{number}" for number in range(3)), "out:s"]
    await lanes.enqueue([note(name, 1) for name in suspects])
    await die_holding_all(database, times=3)
    await lanes.enqueue([note(f"in:f{number}", 1) for number in range(3)])
    running: set[str] = set()
    order: list[str] = []
    beside: list[str] = []

    async def handle(job: Job, state: LaneState) -> Outcome:
        if running & set(suspects):
            beside.append(job.lane)
        running.add(job.lane)
        order.append(job.lane.rstrip("012"))
        for _ in range(20):
            await asyncio.sleep(0)
        running.remove(job.lane)
        return Outcome()

    isolation = Isolation()
    workers = [
        Worker(database, {"note": JobHandler(handle, STEADY)}, pools=(pool,), isolation=isolation)
        for pool in ("in", "out")
    ]
    running_workers = [asyncio.create_task(worker.run()) for worker in workers]
    async with asyncio.timeout(30):
        while not all(state == JobState.DONE for state, _, _ in await errors(database)):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    for worker in workers:
        await worker.stop(timedelta(seconds=1))
    await asyncio.gather(*running_workers)
    assert beside == []
    of_one_worker = [name for name in order if name != "out:s"]
    assert of_one_worker == ["in:s", *["in:f"] * 3, "in:s", "in:s"]


def test_suspects_begin_in_a_group_and_then_one_at_a_time() -> None:
    fresh = [(f"f{number}", None, 1, 0) for number in range(3)]
    first_time = [(f"s{number}", None, 3, 0) for number in range(20)]
    again = [(f"t{number}", None, 4, 0) for number in range(3)]
    assert sort_out([*fresh, *again[:1]], Suspects.LEAVE) == (fresh, again[:1])
    together, rest = sort_out([*again, *fresh, *first_time], Suspects.FIRST)
    assert (together, len(rest)) == (first_time[:16], 10)
    assert sort_out([*fresh, *again], Suspects.LAST)[0] == fresh
    assert sort_out(again, Suspects.LAST)[0] == again[:1]


def test_a_suspect_that_is_only_slow_keeps_others_out_for_seconds() -> None:
    now = [100.0]
    isolation = Isolation(lambda: now[0])
    with isolation.claiming() as suspects:
        assert suspects is Suspects.FIRST
        isolation.begins()
    assert isolation.is_closed
    now[0] += MAX_SECONDS_ALONE
    assert not isolation.is_closed
    with isolation.claiming() as suspects:
        assert suspects is Suspects.LEAVE
    isolation.ends()
    assert not isolation.is_closed
    with isolation.claiming() as suspects:
        assert suspects is Suspects.LAST
        with isolation.claiming() as of_another_worker:
            assert of_another_worker is Suspects.LEAVE
    with isolation.claiming() as suspects:
        assert suspects is Suspects.FIRST


class Panic(BaseException):
    """What a library in Rust raises for a bug of its own (pyo3's PanicException)."""


@pytest.mark.parametrize("error", [asyncio.CancelledError(), Panic(), SystemExit(1)], ids=repr)
async def test_what_no_handler_should_raise_is_a_failed_attempt(
    lanes: JobQueue, database: GroupCommit, clock: ManualClock, error: BaseException
) -> None:
    async def handle(job: Job, state: LaneState) -> Outcome:
        raise error

    async def apologize(job: Job, state: LaneState) -> Outcome:
        return Outcome({"sorry": True})

    kind = JobHandler(handle, STEADY, on_discard=apologize)
    worker = Worker(database, {"note": kind}, pools=("in",))
    await lanes.enqueue([note("in:ana", 1)])
    for attempt in range(1, 4):
        await worker.run_until_idle()
        assert [tries for _, tries, _ in await errors(database)] == [attempt]
        clock.advance(timedelta(hours=1))
    [(state, _, text)] = await errors(database)
    assert (state, str(text).partition(":")[0]) == (JobState.DEAD, type(error).__name__)


async def test_a_worker_that_stops_gives_a_cancelled_job_back_unused(
    lanes: JobQueue, database: GroupCommit
) -> None:
    started = asyncio.Event()

    async def endless(job: Job, state: LaneState) -> Outcome:
        started.set()
        await asyncio.Event().wait()
        return Outcome()

    worker = Worker(database, {"note": JobHandler(endless, STEADY)}, pools=("in",))
    await lanes.enqueue([note("in:ana", 1)])
    running = asyncio.create_task(worker.run())
    await started.wait()
    await worker.stop(grace=timedelta(0))
    await running
    assert await starts(database) == 0
    assert await errors(database) == [(JobState.TODO, 0, None)]

"""What is stored and cannot be read is put aside: nobody waits for it, and it is not lost."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, select, text
from tests.fakes.captured_log import captured_log
from tests.fakes.clock import ManualClock

from jobs.attempt import JobHandler
from jobs.job_queue import JobQueue
from jobs.maintenance import empty_unused_lanes, state_of, states_of
from jobs.model import Job, JobState, LaneState, NewJob, NewTimer, Outcome, UnreadableState
from jobs.retry import RetryPolicy
from jobs.tables import job, lane
from jobs.unreadable import count_unreadable
from jobs.worker import Worker
from storage.engine.group_commit import GroupCommit, Transaction

STEADY = RetryPolicy(
    tries=3, first=timedelta(seconds=10), longest=timedelta(hours=1), chance=lambda: 0.5
)
ODD_TEXTS = {
    "no JSON": "secret of ana",
    "cut off": '{"secret": "of a',
    "empty": "  ",
    "a list": '["secret"]',
    "a text": '"secret"',
    "too deep": "[" * 100_000,
    "a number that is too long": '{"secret": ' + "9" * 5_000 + "}",
}


class Notes:
    """A handler that counts the jobs of its lane, and notes what it ran."""

    def __init__(self) -> None:
        self.ran: list[tuple[str, Any]] = []

    async def handle(self, job: Job, state: LaneState) -> Outcome:
        count = state.get("count", 0)
        if not isinstance(count, int):
            raise UnreadableState(["count"])
        self.ran.append((job.lane, job.body))
        timers = {"later": NewTimer(timedelta(hours=1), "rang")} if job.body == "set" else {}
        return Outcome({**state, "count": count + 1}, timers=timers)

    async def apologize(self, job: Job, state: LaneState) -> Outcome:
        assert job.body is None
        return Outcome(jobs=[NewJob("out:sorry", "send", job.lane)])


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def worker(database: GroupCommit, notes: Notes) -> Worker:
    kind = JobHandler(notes.handle, STEADY, on_discard=notes.apologize)
    return Worker(database, {"note": kind, "timer": kind}, pools=("in",))


@pytest.fixture
def lanes(database: GroupCommit) -> JobQueue:
    return JobQueue(database)


async def execute(database: GroupCommit, statement: str, **values: Any) -> None:
    """As somebody does who has only the database."""
    await database.submit(Transaction(lambda c, _: c.execute(text(statement), values)))


async def kept(database: GroupCommit, name: str = "in:ana") -> tuple[str | None, str | None]:
    """The state of a lane, and what was put aside."""
    query = select(lane.c.state, lane.c.unreadable).where(lane.c.name == name)

    def look(connection: Connection, _: float) -> tuple[str | None, str | None]:
        [(state, unreadable)] = connection.execute(query).all()
        return state, unreadable

    return await database.submit(Transaction(look))


async def ends(database: GroupCommit) -> list[tuple[str, JobState, str | None]]:
    """(kind, state, error) of all jobs in order."""
    query = select(job.c.kind, job.c.state, job.c.error).order_by(job.c.id)
    rows = Transaction(lambda c, _: [tuple(row) for row in c.execute(query)])
    return await database.submit(rows)


@pytest.mark.parametrize("odd", ODD_TEXTS.values(), ids=ODD_TEXTS)
async def test_a_state_that_cannot_be_read_is_put_aside_and_everybody_is_answered(
    lanes: JobQueue, worker: Worker, notes: Notes, database: GroupCommit, odd: str
) -> None:
    await lanes.enqueue([NewJob(f"in:{name}", "note", 1) for name in ("ana", "bob")])
    await execute(database, "UPDATE lane SET state = :odd WHERE name = 'in:ana'", odd=odd)
    assert await database.submit(Transaction(lambda c, _: state_of(c, "in:ana"))) == {}
    assert (await database.submit(Transaction(lambda c, _: states_of(c, "in"))))["in:bob"] == {}
    with captured_log() as log:
        await worker.run_until_idle()
        await lanes.enqueue([NewJob("in:ana", "note", 2)])
        await worker.run_until_idle()
    assert sorted(notes.ran) == [("in:ana", 1), ("in:ana", 2), ("in:bob", 1)]
    assert await kept(database) == ('{"count":2}', odd)
    assert log.getvalue().count("ERROR") == 1
    assert "secret" not in log.getvalue()
    assert "in:ana" not in log.getvalue()
    assert await database.submit(Transaction(lambda c, _: count_unreadable(c))) == 1


async def test_a_part_that_its_handler_cannot_read_is_put_aside_with_the_rest(
    lanes: JobQueue, worker: Worker, notes: Notes, database: GroupCommit
) -> None:
    odd = '{"count":"secret","name":"Ana"}'
    await lanes.enqueue([NewJob("in:ana", "note", 1)])
    await execute(database, "UPDATE lane SET state = :odd", odd=odd)
    with captured_log() as log:
        await worker.run_until_idle()
    assert await kept(database) == ('{"name":"Ana","count":1}', odd)
    assert ("unreadable parts: count" in log.getvalue(), "secret" in log.getvalue()) == (
        True,
        False,
    )


async def test_a_handler_that_can_read_nothing_fails_like_any_other(
    lanes: JobQueue, database: GroupCommit
) -> None:
    async def handle(job: Job, state: LaneState) -> Outcome:
        raise UnreadableState(["count"])

    await lanes.enqueue([NewJob("in:ana", "note", 1)])
    kind = JobHandler(handle, STEADY)
    await Worker(database, {"note": kind}, pools=("in",)).run_until_idle()
    assert await ends(database) == [("note", JobState.TODO, "UnreadableState: count")]


async def test_a_body_that_cannot_be_read_is_a_dead_letter_at_once(
    lanes: JobQueue, worker: Worker, notes: Notes, database: GroupCommit
) -> None:
    """The person gets an apology; their next message and everybody else are answered."""
    await lanes.enqueue([NewJob(f"in:{name}", "note", 1) for name in ("ana", "bob")])
    await execute(database, "UPDATE job SET body = 'hello' WHERE lane = 'in:ana'")
    await lanes.enqueue([NewJob("in:ana", "note", 2)])
    await worker.run_until_idle()
    assert sorted(notes.ran) == [("in:ana", 2), ("in:bob", 1)]
    dead, bob, second, sorry = await ends(database)
    assert dead == ("note", JobState.DEAD, "UnreadableBody: the body is not JSON")
    assert (bob[1], second[1], sorry[:2]) == (JobState.DONE, JobState.DONE, ("send", JobState.TODO))
    bodies = select(job.c.body).where(job.c.state == JobState.DEAD)
    assert await database.submit(Transaction(lambda c, _: c.scalar(bodies))) == "hello"


async def test_a_timer_that_cannot_be_read_is_a_dead_letter(
    lanes: JobQueue, worker: Worker, notes: Notes, database: GroupCommit, clock: ManualClock
) -> None:
    await lanes.enqueue([NewJob(f"in:{name}", "note", "set") for name in ("ana", "bob")])
    await worker.run_until_idle()
    await execute(database, "UPDATE timer SET body = 'rang' WHERE lane = 'in:ana'")
    clock.advance(timedelta(hours=1))
    await worker.run_until_idle()
    assert notes.ran[2:] == [("in:bob", "rang")]
    assert sorted(await ends(database))[-2:] == [
        ("timer", JobState.DONE, None),
        ("timer", JobState.DEAD, "UnreadableBody: the body is not JSON"),
    ]


async def test_what_was_put_aside_is_deleted_with_the_state_of_an_unused_lane(
    lanes: JobQueue, worker: Worker, database: GroupCommit, clock: ManualClock
) -> None:
    await lanes.enqueue([NewJob("in:ana", "note", 1)])
    await execute(database, "UPDATE lane SET state = 'odd'")
    await worker.run_until_idle()
    week = timedelta(days=8)
    empty = partial(empty_unused_lanes, kept_pools=(), keep=week, after="")
    await database.submit(Transaction(empty))
    assert await kept(database) == ('{"count":1}', "odd")
    clock.advance(week + timedelta(seconds=1))
    await database.submit(Transaction(empty))
    assert await kept(database) == (None, None)

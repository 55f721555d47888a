"""Lanes that sleep though they have work are found and woken, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update
from tests.fakes.clock import ManualClock

from jobs import sweeper
from jobs.attempt import JobHandler
from jobs.job_queue import JobQueue
from jobs.lease import Claim
from jobs.model import Job, LaneState, NewJob, NewTimer, Outcome, Snooze
from jobs.retry import INTERACTIVE
from jobs.sweeper import sweep
from jobs.tables import lane
from jobs.worker import Worker
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit, Transaction

HOUR = timedelta(hours=1)


class Desk:
    """A worker that notes what it did."""

    def __init__(self, database: GroupCommit, clock: ManualClock) -> None:
        self.database = database
        self.clock = clock
        self.done: list[Any] = []
        handler = JobHandler(self._handle, INTERACTIVE)
        self.worker = Worker(database, {"note": handler, "timer": handler}, pools=("in",))

    async def _handle(self, job: Job, state: LaneState) -> Outcome:
        if job.body == "later" and "later" not in self.done:
            self.done.append("later")
            raise Snooze("not yet", HOUR)
        self.done.append(job.body)
        alarm = {"alarm": NewTimer(HOUR, "rang")}
        return Outcome(timers=alarm if job.body == "set" else {})

    async def store(self, *bodies: str) -> None:
        """Store jobs, each in a lane of its own."""
        jobs = [NewJob(f"in:1:{body}", "note", body) for body in bodies]
        await JobQueue(self.database).enqueue(jobs)

    async def change_lanes(self, **values: Any) -> None:
        """Change the rows of all lanes behind the back of the code."""
        await self.database.submit(
            Transaction(lambda connection, _: connection.execute(update(lane).values(values)))
        )

    async def run(self) -> list[Any]:
        self.done.clear()
        await self.worker.run_until_idle()
        return sorted(self.done)


@pytest.fixture
def desk(database: GroupCommit, clock: ManualClock) -> Desk:
    return Desk(database, clock)


@pytest.mark.parametrize("ready_at", [None, 1e12], ids=["never", "in the far future"])
async def test_a_lane_that_sleeps_with_work_is_woken(
    desk: Desk, ready_at: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeper, "BATCH_SECONDS", 0.0)
    bodies = [f"{number:03}" for number in range(sweeper.BATCH + 2)]  # more than a batch
    await desk.store(*bodies)
    await desk.change_lanes(ready_at=ready_at, wake=False)
    assert await desk.run() == []
    assert await sweep(desk.database) == len(bodies)
    assert await desk.run() == bodies
    assert await sweep(desk.database) == 0


async def test_a_lane_that_sleeps_past_its_timer_is_woken(desk: Desk) -> None:
    await desk.store("set")
    await desk.run()
    await desk.change_lanes(ready_at=None)
    assert await sweep(desk.database) == 0  # it is not due yet
    desk.clock.advance(HOUR)
    assert await desk.run() == []
    assert await sweep(desk.database) == 1
    assert await desk.run() == ["rang"]


async def test_lanes_that_are_right_are_left_alone(desk: Desk) -> None:
    """One that is due, one that is held, one that backs off, one that waits for its timer."""
    await desk.store("held")
    await desk.database.submit(Claim(("in",), limit=1, lease=30))
    await desk.store("later", "set")
    await desk.run()
    await desk.store("due")
    rows = Transaction(lambda connection, _: connection.execute(select(lane)).all())
    before = await desk.database.submit(rows)
    assert await sweep(desk.database) == 0
    assert await desk.database.submit(rows) == before


async def test_the_isolation_level_is_ours_whatever_the_server_says(
    migrated_postgres_url: str,
) -> None:
    """With another one, a wake-up gets lost between a lane that is released and a new job."""
    engine = open_engine(migrated_postgres_url)
    name = engine.url.database
    with engine.begin() as connection:
        level = "default_transaction_isolation = 'repeatable read'"
        connection.execute(text(f"ALTER DATABASE {name} SET {level}"))
    engine.dispose()
    database = GroupCommit(open_engine(migrated_postgres_url))
    show = Transaction(lambda c, _: c.scalar(text("SHOW transaction_isolation")))
    default = Transaction(lambda c, _: c.scalar(text("SHOW default_transaction_isolation")))
    assert await database.submit(default) == "repeatable read"
    assert await database.submit(show) == "read committed"
    await database.close()

"""What another session's open snapshot costs: PostgreSQL may clean up nothing meanwhile."""

from datetime import timedelta
from typing import Any

from sqlalchemy import create_engine, text, update
from tests.fakes.clock import ManualClock

from jobs.attempt import JobHandler
from jobs.claim_order import FULL_LOOK_SECONDS
from jobs.claim_statement import claim_lanes
from jobs.job_queue import JobQueue
from jobs.model import Job, LaneState, NewJob, Outcome
from jobs.retry import INTERACTIVE
from jobs.tables import lane
from jobs.worker import Worker
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit, Transaction

LANES, CLAIMS_EACH = 500, 10
NOW = 2e9


def test_claims_pass_over_what_a_snapshot_keeps(migrated_postgres_url: str) -> None:
    """As `pg_dump` does: each time at which a lane was due stays in the index."""
    engine = open_engine(migrated_postgres_url)
    reader = create_engine(migrated_postgres_url, isolation_level="REPEATABLE READ")
    with engine.connect() as connection, reader.connect() as snapshot:
        names = f"SELECT 'in:1:' || i, 'in', 0, {NOW} FROM generate_series(1, {LANES}) AS g(i)"
        connection.execute(text(f"INSERT INTO lane (name, pool, priority, ready_at) {names}"))
        connection.commit()
        snapshot.execute(text("SELECT count(*) FROM lane"))
        for _ in range(CLAIMS_EACH):
            connection.execute(update(lane).values(ready_at=lane.c.ready_at + 1))
            connection.commit()
        everything = pages_of(connection, since=0.0)
        assert pages_of(connection, since=NOW + CLAIMS_EACH - 0.5) < everything / 10
    for one in (engine, reader):
        one.dispose()


def pages_of(connection: Any, *, since: float) -> int:
    """Return how many pages a claim reads that finds nothing."""
    given = {"limit": 10, "first": 0, "token": "t", "now": NOW + CLAIMS_EACH - 0.1, "until": NOW}
    prepared = claim_lanes(("in",))._text(connection.dialect)
    explain = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {prepared.sql}"
    parameters = prepared.parameters({**given, "since": since})
    [[plan]] = connection.exec_driver_sql(explain, parameters).all()
    connection.rollback()
    pages: int = plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"]
    return pages


async def test_a_lane_that_was_due_long_ago_is_found_soon(
    database: GroupCommit, clock: ManualClock
) -> None:
    """Its transaction took long, or a timer fell due while the lane was held."""
    done: list[object] = []

    async def handle(job: Job, state: LaneState) -> Outcome:
        done.append(job.body)
        return Outcome()

    worker = Worker(database, {"note": JobHandler(handle, INTERACTIVE)}, pools=("in",))
    await worker.run_until_idle()
    await JobQueue(database).enqueue([NewJob("in:1:ana", "note", "late")])
    earlier = update(lane).values(ready_at=clock.now - 3600)
    await database.submit(Transaction(lambda connection, _: connection.execute(earlier)))
    clock.advance(timedelta(seconds=FULL_LOOK_SECONDS + 1))
    await database.submit(Transaction(lambda _connection, _: None))  # the worker hears the time
    await worker.run_until_idle()
    assert done == ["late"]


async def test_a_clock_that_steps_back_hides_no_lane(
    database: GroupCommit, clock: ManualClock
) -> None:
    done: list[object] = []

    async def handle(job: Job, state: LaneState) -> Outcome:
        done.append(job.body)
        return Outcome()

    worker = Worker(database, {"note": JobHandler(handle, INTERACTIVE)}, pools=("in",))
    await worker.run_until_idle()
    clock.advance(-timedelta(hours=1))
    await JobQueue(database).enqueue([NewJob("in:1:ana", "note", "hello")])
    await worker.run_until_idle()
    assert done == ["hello"]

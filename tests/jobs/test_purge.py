"""Retention looks at old jobs only, however many young ones there are."""

from datetime import timedelta
from functools import partial

from sqlalchemy import insert, select
from tests.fakes.clock import ManualClock

from jobs.maintenance import PURGE_BATCH, purge_done_jobs
from jobs.model import JobState
from jobs.tables import job
from storage.engine.group_commit import GroupCommit, Transaction

WEEK = timedelta(days=8)


async def store(database: GroupCommit, count: int, state: JobState, at: float) -> None:
    row = {"lane": "in:1:ana", "kind": "note", "body": "null", "state": state, "created_at": at}
    await database.submit(Transaction(lambda c, _: c.execute(insert(job), [row] * count)))


async def purged(database: GroupCommit) -> int:
    """Purge; return the number of batches that it took."""
    after: int | None = 0
    batches = 0
    while after is not None:
        purge = Transaction(partial(purge_done_jobs, keep=WEEK, after=after))
        after = await database.submit(purge)
        batches += 1
    return batches


async def left(database: GroupCommit) -> list[tuple[int, float]]:
    query = select(job.c.state, job.c.created_at).order_by(job.c.id)
    rows = await database.submit(Transaction(lambda c, _: c.execute(query).all()))
    return [(state, at) for state, at in rows]


async def test_it_ends_where_jobs_are_young(database: GroupCommit, clock: ManualClock) -> None:
    """Dead letters and jobs that wait are passed over."""
    old, young = clock.now - WEEK.total_seconds() - 1, clock.now - 1
    await store(database, PURGE_BATCH, JobState.DEAD, old)
    await store(database, PURGE_BATCH, JobState.DONE, old)
    await store(database, 1, JobState.TODO, old)
    await store(database, 1, JobState.DONE, old)
    await store(database, 3 * PURGE_BATCH, JobState.DONE, young)
    assert await purged(database) == 3
    kept = [(JobState.DEAD, old)] * PURGE_BATCH + [(JobState.TODO, old)]
    assert await left(database) == kept + [(JobState.DONE, young)] * 3 * PURGE_BATCH


async def test_jobs_of_a_clock_that_was_ahead_do_not_end_it(
    database: GroupCommit, clock: ManualClock
) -> None:
    old, ahead = clock.now - WEEK.total_seconds() - 1, clock.now + 1e8
    await store(database, PURGE_BATCH, JobState.DONE, ahead)
    await store(database, 1, JobState.DONE, old)
    assert await purged(database) == 3
    assert await left(database) == [(JobState.DONE, ahead)] * PURGE_BATCH

"""Deletes what is no longer needed, a little at a time; and feels the process's pulse."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from loguru import logger
from sqlalchemy.exc import SQLAlchemyError

from controllers.load import Load
from jobs.maintenance import empty_unused_lanes, purge_dead_letters, purge_done_jobs
from storage.engine.database import empty_log_after
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.wal import WARN_WAL_BYTES
from storage.person_table import person_tables
from utils.metrics import Metrics

#: Between rounds, and between the batches of one round.
ROUND_SECONDS = 3600.0
BATCH_SECONDS = 0.1

#: Seconds between two checks of the size of SQLite's log.
WAL_SECONDS = 10.0

#: Between two looks at the event loop.
BEAT_SECONDS = 0.1


async def watch_loop(metrics: Metrics, behind: Callable[[], float], load: Load) -> None:
    """Measure for ever how late the event loop is, and how far behind the database."""
    while True:
        due = time.monotonic() + BEAT_SECONDS
        await asyncio.sleep(BEAT_SECONDS)
        late = max(0.0, time.monotonic() - due)
        load.beat(late, BEAT_SECONDS)
        metrics.loop_lag_seconds.observe(late)
        metrics.behind_seconds.set(behind())


async def watch_wal(size: Callable[[], int]) -> None:
    """Warn for ever when the log of SQLite grows, once each time. `size` returns its bytes."""
    is_told = False
    while True:
        is_large = size() > WARN_WAL_BYTES
        if is_large and not is_told:
            logger.warning(
                "the log of SQLite (-wal) has {} MB: a program has been reading the database for "
                "long, and the disk fills up. End that program (`fuser -v` names it; a backup of "
                "the file by other means than `watch.py backup` is a usual one); the log is cut "
                "by itself then.",
                size() // 1_000_000,
            )
        is_told = is_large
        await asyncio.sleep(WAL_SECONDS)


async def retain(
    database: GroupCommit, keep: timedelta, kept_pools: Sequence[str], *, keep_dead: timedelta
) -> None:
    """Purge for ever: jobs and talks that ended `keep` ago, and old rows of tables about people.

    Dead letters are kept for `keep_dead`.
    """
    while True:
        try:
            await purge(database, keep, kept_pools, keep_dead=keep_dead)
        except SQLAlchemyError as error:
            logger.opt(exception=error).warning("old rows could not be deleted; later then")
        await asyncio.sleep(ROUND_SECONDS)


async def purge(
    database: GroupCommit,
    keep: timedelta,
    kept_pools: Sequence[str] = (),
    *,
    keep_dead: timedelta = timedelta(days=30),
) -> None:
    """One round. At its end SQLite's log is emptied: it may still hold what was deleted."""
    last: int | None = 0
    while last is not None:
        jobs = partial(purge_done_jobs, keep=keep, after=last)
        last = await database.submit(Transaction(jobs))
        await asyncio.sleep(BATCH_SECONDS)
    dead = Transaction(partial(purge_dead_letters, keep=keep_dead))
    rows = [Transaction(declared.purge) for declared in person_tables() if declared.purge]
    for batch in (dead, *rows):
        while await database.submit(batch):  # noqa: ASYNC110 - rows do not tell when they age
            await asyncio.sleep(BATCH_SECONDS)
    after: str | None = ""
    while after is not None:
        talks = partial(empty_unused_lanes, kept_pools=kept_pools, keep=keep, after=after)
        after = await database.submit(Transaction(talks))
        await asyncio.sleep(BATCH_SECONDS)
    await database.submit(Transaction(lambda connection, _: empty_log_after(connection)))

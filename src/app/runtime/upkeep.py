"""What a process does until it stops: its workers, and what it does beside them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import timedelta
from functools import partial
from typing import Any

from app.runtime.retention import retain, watch_loop, watch_wal
from config.env import Settings
from controllers.load import Load
from jobs.sweeper import keep_awake
from jobs.worker import Worker
from storage.engine.group_commit import GroupCommit
from storage.engine.wal import wal_bytes
from utils.metrics import Metrics

#: Time that running jobs have to end before a stopping process gives them to others, in all.
GRACE = timedelta(seconds=10)
#: Something that never ends by itself.
Endless = Coroutine[Any, Any, None]


def watches(database: GroupCommit, metrics: Metrics, load: Load) -> Iterator[Endless]:
    """Yield what each process watches: its event loop, and the log of SQLite."""
    yield watch_loop(metrics, lambda: database.behind, load)
    yield watch_wal(partial(wal_bytes, database.url))


def listening(
    database: GroupCommit, workers: Sequence[Worker], wake: Callable[[], None]
) -> AbstractAsyncContextManager[None]:
    """Listen for new work, in a session that shows the others that this process lives.

    On SQLite there are no others.
    """
    if database.url.get_backend_name() != "postgresql":
        return nullcontext()
    from jobs.listener import listen  # only PostgreSQL needs its driver
    from jobs.presence import Presence

    return listen(database.url, wake, Presence(database, workers))


def upkeep(
    database: GroupCommit, settings: Settings, kept_pools: Sequence[str], metrics: Metrics
) -> Iterator[Endless]:
    """Yield what a process with workers does for the database: it purges, and wakes sleepers."""
    yield retain(database, settings.retention, kept_pools, keep_dead=settings.dead_letter_retention)
    yield keep_awake(database, metrics.sleeping_lanes.inc)


@asynccontextmanager
async def at_work(workers: Sequence[Worker]) -> AsyncIterator[None]:
    """Run workers; at the end, let running jobs end and give the rest to others."""
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield
    finally:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + GRACE.total_seconds()
        for worker in workers:  # conversations first: what they decide may still be sent
            await worker.stop(timedelta(seconds=max(0.0, deadline - loop.time())))
        await asyncio.gather(*tasks)

"""What runs beside all else until the process stops: background tasks and workers."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from loguru import logger

from jobs.worker import Worker

#: Time that running jobs have to end before a stopping process gives them to others, in all.
GRACE = timedelta(seconds=10)


@asynccontextmanager
async def running_beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run something until the end of the block. A failure is logged at once."""
    task = asyncio.create_task(work)
    task.add_done_callback(_log_failure)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


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


def _log_failure(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()):
        name = getattr(task.get_coro(), "__qualname__", "")
        logger.opt(exception=error).error("{} has stopped: restart this process", name)

"""Background tasks, which run until the end of a block."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from loguru import logger

#: Time that a cancelled task has for its clean-up before it is cancelled again.
PATIENCE = timedelta(seconds=10)
#: Most cancellations of one task. Servers kill a process that takes half a minute to stop.
MAX_CANCELLATIONS = 3


@asynccontextmanager
async def running_beside(
    work: Coroutine[Any, Any, None], *, patience: timedelta = PATIENCE
) -> AsyncIterator[None]:
    """Run something until the end of the block. A failure is logged at once.

    A task loses its cancellation if an error of its clean-up takes the place of it, and a loop
    catches that error. Such a task is cancelled again after `patience`, and left to itself after
    MAX_CANCELLATIONS, so that the block always ends.
    """
    task = asyncio.create_task(work)
    task.add_done_callback(_log_failure)
    try:
        yield
    finally:
        await _end(task, patience)


async def _end(task: "asyncio.Task[None]", patience: timedelta) -> None:
    for _ in range(MAX_CANCELLATIONS):
        task.cancel()
        await asyncio.wait([task], timeout=patience.total_seconds())
        if task.done():
            return
        logger.warning("{} goes on after its cancellation", _name(task))
    logger.error("{} does not end, and is left to itself", _name(task))


def _log_failure(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()):
        logger.opt(exception=error).error("{} has stopped: restart this process", _name(task))


def _name(task: "asyncio.Task[None]") -> str:
    return getattr(task.get_coro(), "__qualname__", "")

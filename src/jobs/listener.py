"""The session with PostgreSQL in which a process hears of new jobs, and shows that it runs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import psycopg
from loguru import logger
from sqlalchemy import URL

from jobs.notifier import CHANNEL
from jobs.presence import Presence
from utils.background import running_beside

#: Pause before connecting again after an error: others take our lanes over before long.
RECONNECT_INTERVAL = timedelta(seconds=0.2)


@asynccontextmanager
async def listen(url: URL, wake: Callable[[], None], presence: Presence) -> AsyncIterator[None]:
    """Call `wake` whenever any process has stored jobs, and show our presence, while inside."""
    attempted = asyncio.Event()
    async with running_beside(_listen(url, wake, presence, attempted)):
        await attempted.wait()
        yield


async def _listen(
    url: URL, wake: Callable[[], None], presence: Presence, attempted: asyncio.Event
) -> None:
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(address, autocommit=True) as session:
                await session.execute(f"LISTEN {CHANNEL}")
                await presence.hold(session, address)
                attempted.set()
                await _serve(session, wake, presence)
        except* (psycopg.Error, OSError) as errors:
            problem = type(errors.exceptions[0]).__name__
            logger.info("no notifications of new jobs, workers only poll: {}", problem)
        finally:
            presence.lose()
            attempted.set()
        await asyncio.sleep(RECONNECT_INTERVAL.total_seconds())


async def _serve(
    session: psycopg.AsyncConnection[Any], wake: Callable[[], None], presence: Presence
) -> None:
    """Until the session ends."""
    wake()  # for jobs that were stored before LISTEN
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_pass_on(session, wake))
        tasks.create_task(presence.watch())


async def _pass_on(session: psycopg.AsyncConnection[Any], wake: Callable[[], None]) -> None:
    async for _ in session.notifies():
        wake()

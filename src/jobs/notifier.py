"""Notifies the workers of other processes that jobs were stored, where the database can do so.

PostgreSQL can, with LISTEN and NOTIFY (postgresql.org/docs/current/sql-notify.html). It is only a
hint: a worker that misses a notification finds the jobs at its next poll.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import psycopg
from loguru import logger
from sqlalchemy import URL, Connection, func, select

from jobs.presence import Presence

#: Channel of NOTIFY.
CHANNEL = "lanes"
#: Pause before connecting again after an error: others take our lanes over before long.
RECONNECT_INTERVAL = timedelta(seconds=0.2)

_notify = select(func.pg_notify(CHANNEL, ""))


def notify(connection: Connection) -> None:
    """Notify workers at the commit. Call it once a group: such commits wait for each other."""
    if connection.dialect.name == "postgresql":
        connection.execute(_notify)


@asynccontextmanager
async def listen(url: URL, wake: Callable[[], None], presence: Presence) -> AsyncIterator[None]:
    """Call `wake` whenever any process has stored jobs, and show our presence, while inside."""
    if url.get_backend_name() != "postgresql":
        yield
        return
    attempted = asyncio.Event()
    listening = asyncio.create_task(_listen(url, wake, presence, attempted))
    await attempted.wait()
    try:
        yield
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


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

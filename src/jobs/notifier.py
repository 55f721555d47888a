"""Notifies the workers of other processes that jobs were stored, where the database can do so.

PostgreSQL can, with LISTEN and NOTIFY (postgresql.org/docs/current/sql-notify.html). It is only a
hint: a worker that misses a notification finds the jobs at its next poll.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import psycopg
from loguru import logger
from sqlalchemy import URL, Connection, func, select

#: Channel of NOTIFY.
CHANNEL = "lanes"
#: Pause before connecting again after an error.
RECONNECT_INTERVAL = timedelta(seconds=1)

_notify = select(func.pg_notify(CHANNEL, ""))


def notify(connection: Connection) -> None:
    """Notify workers at the commit. Call it once a group: such commits wait for each other."""
    if connection.dialect.name == "postgresql":
        connection.execute(_notify)


@asynccontextmanager
async def listen(url: URL, wake: Callable[[], None]) -> AsyncIterator[None]:
    """Call `wake` whenever any process has stored jobs, while inside."""
    if url.get_backend_name() != "postgresql":
        yield
        return
    listening = asyncio.create_task(_listen(url, wake))
    try:
        yield
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def _listen(url: URL, wake: Callable[[], None]) -> None:
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            await _pass_on(address, wake)
        except psycopg.Error as error:
            logger.info("no notifications of new jobs, workers only poll: {}", type(error).__name__)
        await asyncio.sleep(RECONNECT_INTERVAL.total_seconds())


async def _pass_on(address: str, wake: Callable[[], None]) -> None:
    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
        await connection.execute(f"LISTEN {CHANNEL}")
        wake()  # for jobs that were stored before LISTEN
        async for _ in connection.notifies():
            wake()

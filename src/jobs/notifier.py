"""Workers on other machines learn at once that work was stored, where the database can tell them.

PostgreSQL can, by LISTEN and NOTIFY (postgresql.org/docs/current/sql-notify.html). Nothing depends
on it: who is not told finds the work at the next poll.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import psycopg
from loguru import logger
from sqlalchemy import URL, Connection, func, select

CHANNEL = "lanes"
RECONNECT_INTERVAL = timedelta(seconds=1)

_notify = select(func.pg_notify(CHANNEL, ""))


def notify(connection: Connection) -> None:
    """With the commit. Once per group: commits that notify wait for each other."""
    if connection.dialect.name == "postgresql":
        connection.execute(_notify)


@asynccontextmanager
async def listen(url: URL, wake: Callable[[], None]) -> AsyncIterator[None]:
    """Call `wake` whenever some process stored work."""
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
            logger.info("not told of work, and polling for it: {}", type(error).__name__)
        await asyncio.sleep(RECONNECT_INTERVAL.total_seconds())


async def _pass_on(address: str, wake: Callable[[], None]) -> None:
    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
        await connection.execute(f"LISTEN {CHANNEL}")
        wake()  # what was stored while nobody listened
        async for _ in connection.notifies():
            wake()

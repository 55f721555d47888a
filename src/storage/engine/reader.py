"""Queries beside the transactions of a process: they hold no lock that a webhook waits for."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, QueuePool, create_engine

from storage.engine.database import Clock, read_only

Answer = TypeVar("Answer")

#: All statements of a query see the database at one moment.
BEGIN_POSTGRESQL = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"


class Reader:
    """Runs queries one at a time, in a thread, on a connection that cannot write."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        is_sqlite = engine.dialect.name == "sqlite"
        self._own = _read_only_engine(engine) if is_sqlite else None
        self._engine = self._own or engine
        self._begin = "BEGIN" if is_sqlite else BEGIN_POSTGRESQL
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reader")

    async def run(self, query: Callable[[Connection, float], Answer]) -> Answer:
        """Return what a query of (connection, time of the database) returns."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._run, query)

    def close(self) -> None:
        """Wait for the query that runs, then close a connection of its own."""
        self._thread.shutdown(cancel_futures=True)
        if self._own is not None:
            self._own.dispose()

    def _run(self, query: Callable[[Connection, float], Answer]) -> Answer:
        with self._engine.connect() as connection, connection.begin():
            connection.exec_driver_sql(self._begin)
            return query(connection, self._clock(connection))


def _read_only_engine(engine: Engine) -> Engine:
    """Return an engine that keeps one connection: to open one takes as long as several queries."""
    file = Path(str(engine.url.database))
    return create_engine(
        "sqlite://",
        creator=lambda: read_only(file, is_shared=True),
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        hide_parameters=True,
    )

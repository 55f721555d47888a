"""Queries beside the transactions of a process: they hold no lock that a webhook waits for."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, NullPool, create_engine

from storage.engine.database import Clock, read_only

Answer = TypeVar("Answer")


class Reader:
    """Runs queries one at a time, in a thread, on a connection that cannot write."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._engine = _read_only_engine(engine) if self._is_sqlite else engine
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reader")

    async def run(self, query: Callable[[Connection, float], Answer]) -> Answer:
        """Return what a query of (connection, time of the database) returns."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._run, query)

    def close(self) -> None:
        """Wait for the query that runs."""
        self._thread.shutdown(cancel_futures=True)

    def _run(self, query: Callable[[Connection, float], Answer]) -> Answer:
        with self._engine.connect() as connection, connection.begin():
            if not self._is_sqlite:
                connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            return query(connection, self._clock(connection))


def _read_only_engine(engine: Engine) -> Engine:
    file = Path(str(engine.url.database))
    return create_engine(
        "sqlite://", creator=lambda: read_only(file), poolclass=NullPool, hide_parameters=True
    )

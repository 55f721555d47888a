"""The one connection of a process that writes."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from loguru import logger
from sqlalchemy import Connection, Engine

from storage.engine.database import abort_connection, empty_log_if_asked


class KeptConnection:
    """Keeps a connection: to take it from the pool costs as much as a short transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Begin, and commit at the end; after an error the next one has a new connection."""
        if self._connection is None:
            self._connection = self._engine.connect()
        try:
            with self._connection.begin():
                yield self._connection
        except BaseException:
            self._connection.close()
            self._connection = None
            raise

    def empty_log(self) -> None:
        """Empty SQLite's log if the last transaction deleted private words."""
        if self._connection is not None:
            with suppress(sqlite3.OperationalError):  # it is locked: the next time then
                empty_log_if_asked(self._connection)

    def hang_up(self) -> None:
        """Give up a connection to PostgreSQL that is silent; whoever waits for it gets an error."""
        if self._connection is not None and self._engine.dialect.name != "sqlite":
            logger.warning("the database is silent: its connection is given up")
            abort_connection(self._connection)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()

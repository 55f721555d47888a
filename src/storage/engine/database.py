"""The database: an SQLite file or a PostgreSQL server, by URL."""

import os
import socket
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Double,
    Engine,
    Integer,
    MetaData,
    Table,
    create_engine,
    event,
    func,
    make_url,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import TypeDecorator

from storage.engine.wal import MAX_IDLE_WAL_BYTES
from utils.private_files import make_private, restrict

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: SQLite counts rows up by itself only in a column that is declared INTEGER.
RowId = BigInteger().with_variant(Integer, "sqlite")

#: Returns the time in seconds since 1970, given a connection to the database.
Clock = Callable[[Connection], float]

#: Timeouts for a PostgreSQL server that does not answer: seconds, and milliseconds for TCP. Without
#: them the system waits for hours (postgresql.org/docs/current/libpq-connect.html). And texts are
#: UTF-8, whatever the database's encoding is.
CONNECTION_OPTIONS = {
    "client_encoding": "utf8",
    "connect_timeout": "5",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}

#: A cache of 16 MB. The log is cut to 64 MB once a reader that kept it from ending has gone.
#: Deleted rows, which most builds of SQLite leave in the file, are overwritten with zeros.
PRAGMAS = ("cache_size=-16384", f"journal_size_limit={MAX_IDLE_WAL_BYTES}", "secure_delete=ON")

#: Oldest version of SQLite that works: the first that always has JSON.
OLDEST_SQLITE = (3, 38, 0)


class DatabaseError(Exception):
    """The database cannot be used as it is; the text says the next step."""


#: First and last second that Python can write in UTC. A time with a UTC offset may lie outside:
#: 9999-12-31T23:59-05:00, as some write "never".
FIRST_SECOND = datetime.min.replace(tzinfo=UTC).timestamp()
LAST_SECOND = datetime.max.replace(tzinfo=UTC, microsecond=0).timestamp()


class UtcTimestamp(TypeDecorator[datetime]):
    """An aware datetime, stored as seconds since 1970 so that both databases agree on it.

    Whatever is stored can be read: a time outside of the years 1 to 9999 is the first or last one.
    """

    impl = Double
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> float | None:
        return None if value is None else _within_years(value.timestamp())

    def process_result_value(self, value: float | None, dialect: Any) -> datetime | None:
        return None if value is None else datetime.fromtimestamp(_within_years(value), UTC)


def _within_years(seconds: float) -> float:
    return min(LAST_SECOND, max(FIRST_SECOND, seconds))


def open_engine(url: str, *, synchronous: str = "FULL", lock_seconds: float = 5.0) -> Engine:
    """Return an engine that connects lazily to `sqlite:///file` or `postgresql+psycopg://...`.

    `synchronous` is SQLite's pragma: FULL survives power loss, NORMAL only a crash of ours. It
    waits up to `lock_seconds` for another program that is writing.
    """
    if not url.startswith("sqlite"):
        server = make_url(url)
        patient = server.set(query={**CONNECTION_OPTIONS, **server.query})
        return create_engine(
            patient,
            pool_size=2,
            pool_pre_ping=True,
            hide_parameters=True,
            # Whatever the server's default: statements count on seeing what was committed while
            # they waited for a lock (postgresql.org/docs/current/transaction-iso.html).
            isolation_level="READ COMMITTED",
        )
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise DatabaseError(
            f"SQLite {sqlite3.sqlite_version} is too old: 3.38 or newer is needed. "
            "Use a newer Python, or a postgresql:// DATABASE_URL."
        )
    _require_no_half_restore(Path(make_url(url).database or ""))
    engine = create_engine(
        url,
        connect_args={"check_same_thread": False, "timeout": lock_seconds},
        hide_parameters=True,
    )
    _keep_private(engine)
    _use_wal(engine, synchronous)
    return engine


def require_utf8(connection: Connection) -> None:
    """Raise DatabaseError for a PostgreSQL database that cannot hold all letters of people."""
    is_file = connection.dialect.name == "sqlite"
    encoding = is_file or connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding not in (True, "UTF8"):
        raise DatabaseError(
            f"The database has the encoding {encoding}, which lacks letters. Create another one: "
            "CREATE DATABASE bot ENCODING 'UTF8' TEMPLATE template0."
        )


def unfinished(file: Path) -> Path:
    """Return the path of a copy that will take this file's place once it is complete."""
    return file.with_name(f"{file.name}.unfinished")


def _require_no_half_restore(file: Path) -> None:
    """Refuse a file that an interrupted restore left: SQLite would silently make an empty one."""
    if file.name and not file.exists() and unfinished(file).exists():
        raise DatabaseError(
            f"{file} is away, since a restore was interrupted. Run `python3 watch.py restore FILE` "
            f"again, or remove {unfinished(file)} to begin anew."
        )


def _keep_private(engine: Engine) -> None:
    """Let only the owner read the file. SQLite gives its log and its index the same mode."""
    file = Path(engine.url.database or "")

    @event.listens_for(engine, "do_connect")
    def restrict_files(*_: object) -> None:
        if file.name and file.parent.is_dir():
            make_private(file)
            for ending in ("-wal", "-shm"):
                restrict(file.with_name(file.name + ending))


def _use_wal(engine: Engine, synchronous: str) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the driver's own BEGIN would come too late
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", *PRAGMAS):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Taking the write lock at once, since upgrading a read lock can fail half-way.
        connection.exec_driver_sql("BEGIN IMMEDIATE")


#: Name under which a connection notes that its transaction deletes private words.
_DELETES_WORDS = "deletes private words"


def empty_log_after(connection: Connection) -> None:
    """Have SQLite's log emptied once this transaction is committed: it holds what was deleted."""
    connection.info[_DELETES_WORDS] = True


def empty_log_if_asked(connection: Connection) -> None:
    """Do what `empty_log_after` asked for, after the commit.

    A log that another program is reading stays until the next time. PostgreSQL's is its own affair.
    """
    if connection.info.pop(_DELETES_WORDS, False) and connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()


def abort_connection(connection: Connection) -> None:
    """End a connection to PostgreSQL under a thread that waits for its answer; it gets an error.

    Nothing else ends that wait when the line stays open and the server is silent: limits of the
    server's own are no help then, and psycopg has none.
    """
    import psycopg

    with suppress(OSError, SQLAlchemyError, psycopg.Error):  # it may have ended by itself
        driver: Any = connection.connection.driver_connection
        with socket.socket(fileno=os.dup(driver.pgconn.socket)) as line:
            line.shutdown(socket.SHUT_RDWR)


def read_only(
    file: Path, *, never_changes: bool = False, is_shared: bool = False
) -> sqlite3.Connection:
    """Open an SQLite file to read it, without a lock that a running bot would wait for.

    A second connection that may write can damage the log of an older SQLite. A file that never
    changes is read without a lock and without a log. Threads may take turns with a shared one.
    """
    how = "mode=ro&immutable=1" if never_changes else "mode=ro"
    url = f"{file.absolute().as_uri()}?{how}"
    return sqlite3.connect(url, uri=True, check_same_thread=not is_shared)


def database_time(connection: Connection) -> float:
    """Return the time that all processes share: PostgreSQL's own, or this machine's with SQLite."""
    if connection.dialect.name == "sqlite":
        return time.time()
    return float(
        connection.execute(select(func.extract("epoch", func.clock_timestamp()))).scalar_one()
    )


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT with the ON CONFLICT of this database; both spell it the same."""
    return insert_for(connection.dialect.name, table)


def insert_for(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT with the ON CONFLICT of a dialect, for statements that are built once."""
    if dialect == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)

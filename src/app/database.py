"""Opening the database at start, and finding out whether it can be used."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from config.env import Settings
from storage.database import DatabaseError, open_engine
from storage.migrate import is_current, newest_revision, upgrade

#: Transactions run on the event loop, which may not wait for long; what fails is tried again.
LOCK_SECONDS = 0.05


@contextmanager
def usable_engine(settings: Settings) -> Iterator[Engine]:
    """The engine of a database whose tables are up to date; says what to do when they are not.

    An SQLite file is migrated here and is ours alone; a PostgreSQL server is shared, so its
    migrations are a step of the deployment.
    """
    engine = open_engine(
        settings.database_url,
        synchronous=settings.sqlite_synchronous,
        lock_seconds=LOCK_SECONDS,
    )
    try:
        is_ours = engine.dialect.name == "sqlite"
        with _only_process(str(engine.url.database)) if is_ours else nullcontext():
            _make_current(engine)
            yield engine
    finally:
        engine.dispose()


def migrated_engine(url: str) -> Engine:
    """For a command, which may run beside the bot."""
    engine = open_engine(url)
    _make_current(engine)
    return engine


def _make_current(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        _migrate_if_needed(engine)
    else:
        _require_current(engine)


@contextmanager
def _only_process(file: str) -> Iterator[None]:
    lock = FileLock(f"{file}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise DatabaseError(
            f"{Path(file).name} is in use by another bot. Stop that one, or share a PostgreSQL "
            "database by DATABASE_URL."
        ) from None
    try:
        yield
    finally:
        lock.release()


def _migrate_if_needed(engine: Engine) -> None:
    newest = newest_revision()
    with engine.connect() as connection:
        current = is_current(connection, newest)
    if not current:
        upgrade(engine)


def _require_current(engine: Engine) -> None:
    try:
        with engine.connect() as connection:
            current = is_current(connection, newest_revision())
    except OperationalError as error:
        raise DatabaseError("The database does not answer: check DATABASE_URL.") from error
    if not current:
        raise DatabaseError("The database lacks migrations: run `python3 watch.py migrate`.")

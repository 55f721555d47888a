"""Opening the database at start, and finding out whether it can be used."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from app.composition.features import require_declared_tables
from app.composition.pools import declared_pools
from config.env import Settings
from jobs.lease import release_all_leases
from storage.engine.actual_tables import require_complete
from storage.engine.database import Clock, DatabaseError, database_time, open_engine, require_utf8
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.problems import DAMAGED, Problem, problem_of
from storage.engine.revisions import is_current, newest_revision
from utils.private_files import FILE_MODE

#: Transactions run on the event loop, which may not wait for long; what fails is tried again.
LOCK_SECONDS = 0.05
#: Bytes of a file that is looked through at start: a second, if it is in the system's memory.
LARGEST_CHECKED = 1024**3


@contextmanager
def usable_engine(settings: Settings) -> Iterator[Engine]:
    """The engine of a database whose tables are up to date; says what to do when they are not.

    An SQLite file is migrated here and is ours alone; a PostgreSQL server is shared, so its
    migrations are a step of the deployment.
    """
    require_declared_tables()
    engine = open_engine(
        settings.database_url,
        synchronous=settings.sqlite_synchronous,
        lock_seconds=LOCK_SECONDS,
    )
    try:
        is_ours = engine.dialect.name == "sqlite"
        with only_process(_file(engine)) if is_ours else nullcontext():
            with readable_database_errors(engine):
                if is_ours:
                    _check(engine)
                _make_current(engine)
            yield engine
    finally:
        engine.dispose()


@asynccontextmanager
async def open_database(
    settings: Settings, clock: Clock = database_time
) -> AsyncIterator[GroupCommit]:
    """Open the database of a process; on SQLite, which has one process, no lane is held.

    A message that was being sent waits until a status may have proved it.
    """
    with usable_engine(settings) as engine:
        database = GroupCommit(engine, clock)
        try:
            if engine.dialect.name == "sqlite":
                with readable_database_errors(engine):
                    release = partial(release_all_leases, graces=_redelivery_graces())
                    await database.submit(Transaction(release))
            yield database
        finally:
            await database.close()


def _redelivery_graces() -> dict[str, float]:
    """Return the pauses of the pools whose jobs have an effect elsewhere, in seconds."""
    graces = {one.name: one.worker.redelivery_grace.total_seconds() for one in declared_pools()}
    return {name: grace for name, grace in graces.items() if grace}


def migrated_engine(url: str) -> Engine:
    """For a command, which may run beside the bot."""
    engine = open_engine(url)
    with readable_database_errors(engine):
        _make_current(engine)
    return engine


@contextmanager
def readable_database_errors(engine: Engine) -> Iterator[None]:
    """What goes wrong inside is told as a DatabaseError, which says what to do."""
    try:
        yield
    except DBAPIError as error:
        raise _unusable(engine, problem_of(error)) from error


def _unusable(engine: Engine, problem: Problem) -> DatabaseError:
    is_file = engine.dialect.name == "sqlite"
    return _told(_file(engine).name if is_file else "The database", problem)


def _told(name: str, problem: Problem) -> DatabaseError:
    return DatabaseError(f"{name}: {problem.what}. {problem.remedy}".strip())


def _file(engine: Engine) -> Path:
    return Path(str(engine.url.database))


def _make_current(engine: Engine) -> None:
    with engine.connect() as connection:
        require_utf8(connection)
        current = is_current(connection, newest_revision())
    if not current:
        if engine.dialect.name != "sqlite":
            raise DatabaseError("The database lacks migrations: run `python3 watch.py migrate`.")
        from storage.engine.migrate import upgrade  # slow to import, and seldom needed

        upgrade(engine)
    with engine.connect() as connection:
        require_complete(connection)


def _check(engine: Engine) -> None:
    """Find damage now, not in the middle of a conversation."""
    size = text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
    with engine.connect() as connection:
        if connection.scalar(size) > LARGEST_CHECKED:
            return
        if connection.scalar(text("PRAGMA quick_check(1)")) != "ok":
            raise _unusable(engine, DAMAGED)


def _require_one_name(file: Path) -> None:
    """Refuse a hard link: each name would have a lock and a log of its own, which destroys data.

    Source: sqlite.org/howtocorrupt.html, "Multiple links to the same file"
    """
    if file.is_file() and file.stat().st_nlink > 1:
        raise DatabaseError(
            f"{file.name} has more than one name (a hard link), by which two bots could write to "
            "it. Remove the other names; `find -samefile` lists them."
        )


@contextmanager
def only_process(file: Path) -> Iterator[None]:
    """Keep other bots from a file, by whatever name they know it."""
    _require_one_name(file)
    lock = FileLock(f"{file.resolve()}.lock", mode=FILE_MODE)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise DatabaseError(
            f"{file.name} is in use by another bot. Stop that one, or share a PostgreSQL "
            "database by DATABASE_URL."
        ) from None
    except OSError as error:
        raise _told(file.name, problem_of(error)) from error
    try:
        yield
    finally:
        lock.release()

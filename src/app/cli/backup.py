"""Copies of the database, taken while the bot works, and put back while it does not.

A copy holds what people wrote and who they are: only its owner may read it.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, make_url

from app.cli import postgres_backup as postgres_copies
from app.cli import sqlite_backup as sqlite_copies
from app.composition.database import readable_database_errors
from config.env import SettingsError, load_database_url
from jobs.maintenance import count_jobs
from jobs.model import JobState
from storage.engine.database import DatabaseError, open_engine, unfinished
from storage.engine.migrate import upgrade
from utils.invocation_dir import resolve


def backup(arguments: Sequence[str]) -> int:
    """`backup FILE`."""
    return _with_file("backup", arguments, save)


def restore(arguments: Sequence[str]) -> int:
    """`restore FILE`."""
    return _with_file("restore", arguments, put_back)


def save(url: URL, file: Path) -> str:
    """Copy the database as it is at this moment; returns what to tell."""
    if file.exists():
        raise DatabaseError(f"{file} exists: choose another name.")
    file.parent.mkdir(parents=True, exist_ok=True)
    new = unfinished(file)
    if url.get_backend_name() == "sqlite":
        sqlite_copies.copy(_present(url), new)
    else:
        postgres_copies.save(url, new)
    new.rename(file)
    return f"Saved to {file}, {file.stat().st_size / 1024**2:,.1f} MB."


def put_back(url: URL, file: Path) -> str:
    """Make the database what it was when this copy was taken; returns what to tell."""
    if not file.is_file():
        raise DatabaseError(f"There is no file {file}.")
    if url.get_backend_name() == "sqlite":
        return _put_back_file(url, file)
    with _unchanged():
        postgres_copies.put_back(url, file)
    try:
        return f"Restored from {file}. {_prepare(url)}"
    except DatabaseError as error:
        raise DatabaseError(f"{file} is restored, but not up to date yet. {error}") from error


def _put_back_file(url: URL, file: Path) -> str:
    def prepare(new: Path) -> str:
        return _prepare(url.set(database=str(new)))

    with _unchanged():
        return sqlite_copies.put_back(Path(str(url.database)), file, prepare)


@contextmanager
def _unchanged() -> Iterator[None]:
    """Whoever fails to restore will want to know what there is now."""
    try:
        yield
    except DatabaseError as error:
        raise DatabaseError(f"{error} Nothing was changed.") from error


def _prepare(url: URL) -> str:
    """Bring the tables of a copy up to date; tells how much work it will do again."""
    engine = open_engine(url.render_as_string(hide_password=False))
    try:
        with readable_database_errors(engine):
            upgrade(engine)
            with engine.connect() as connection:
                count = count_jobs(connection, JobState.TODO)
    finally:
        engine.dispose()
    return f"{count} jobs waited then, and will run again." if count else "No work waited then."


def _present(url: URL) -> Path:
    database = Path(str(url.database))
    if not database.is_file():
        raise DatabaseError(f"There is no database {database} yet.")
    return database


def _with_file(name: str, arguments: Sequence[str], do: Callable[[URL, Path], str]) -> int:
    match arguments:
        case [file] if not file.startswith("-"):
            pass
        case _:
            print(f"usage: watch.py {name} FILE", file=sys.stderr)
            return 2
    try:
        print(do(make_url(load_database_url()), resolve(file)))
    except (SettingsError, DatabaseError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0

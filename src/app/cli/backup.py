"""Copies of the database: taken while the bot is running, restored while it is stopped.

A copy holds conversations and phone numbers: only its owner may read it.
"""

import sys
from collections.abc import Callable, Iterator
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
from utils.private_files import make_private_folder


def backup(file: str) -> int:
    """Copy the database into `file`; returns the exit code."""
    return _with_file(file, save)


def restore(file: str) -> int:
    """Replace the database by the copy in `file`; returns the exit code."""
    return _with_file(file, restore_from)


def save(url: URL, file: Path) -> str:
    """Copy the database as it is at this moment; returns a sentence for the operator."""
    if file.exists():
        raise DatabaseError(f"{file} exists: choose another name.")
    make_private_folder(file.parent)
    new = unfinished(file)
    if url.get_backend_name() == "sqlite":
        sqlite_copies.copy(_existing(url), new)
    else:
        postgres_copies.save(url, new)
    new.rename(file)
    return f"Saved to {file}, {file.stat().st_size / 1024**2:,.1f} MB."


def restore_from(url: URL, file: Path) -> str:
    """Replace the database by a copy; returns a sentence for the operator."""
    if not file.is_file():
        raise DatabaseError(f"There is no file {file}.")
    if url.get_backend_name() == "sqlite":
        return _restore_file(url, file)
    with _says_unchanged():
        postgres_copies.restore(url, file)
    try:
        return f"Restored from {file}. {_prepare(url)}"
    except DatabaseError as error:
        raise DatabaseError(f"{file} is restored, but not up to date yet. {error}") from error


def _restore_file(url: URL, file: Path) -> str:
    def prepare(new: Path) -> str:
        return _prepare(url.set(database=str(new)))

    with _says_unchanged():
        return sqlite_copies.restore(Path(str(url.database)), file, prepare)


@contextmanager
def _says_unchanged() -> Iterator[None]:
    """Add to an error that the database is as it was."""
    try:
        yield
    except DatabaseError as error:
        raise DatabaseError(f"{error} Nothing was changed.") from error


def _prepare(url: URL) -> str:
    """Bring the tables of a copy up to date; returns how many of its jobs will run again."""
    engine = open_engine(url.render_as_string(hide_password=False))
    try:
        with readable_database_errors(engine):
            upgrade(engine)
            with engine.connect() as connection:
                count = count_jobs(connection, JobState.TODO)
    finally:
        engine.dispose()
    return f"{count} jobs were waiting in it and will run again." if count else "No jobs waited."


def _existing(url: URL) -> Path:
    database = Path(str(url.database))
    if not database.is_file():
        raise DatabaseError(f"There is no database {database} yet.")
    return database


def _with_file(file: str, action: Callable[[URL, Path], str]) -> int:
    try:
        print(action(make_url(load_database_url()), resolve(file)))
    except (SettingsError, DatabaseError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0

"""Copies of an SQLite file: written beside their target, and checked before they move there."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from app.composition.database import only_process
from storage.engine.database import DatabaseError, read_only, unfinished
from storage.engine.problems import DAMAGED, problem_of
from utils.private_files import FILE_MODE, restrict

#: Endings of the files of one SQLite database: the file itself, its log and index, its journal.
ENDINGS = ("", "-wal", "-shm", "-journal")
#: First bytes of SQLite's error codes for a file that is not a database of this bot. A missing
#: table is an error without a code of its own.
_FOREIGN = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
#: Codes for a file in WAL mode in a folder where its index cannot be created.
_NO_INDEX = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)


def copy(source: Path, target: Path) -> None:
    """Write a snapshot of a database, which may be in use: one file that only its owner may read.

    Raises DatabaseError when the copy cannot be written, is damaged, or is not of this bot; then
    nothing is left of it.
    """
    if target.exists() and target.samefile(source):
        raise DatabaseError(f"{source} is a copy that was not finished: choose another one.")
    try:
        remove(target)
        target.touch(mode=FILE_MODE)
        with closing(_opened(source)) as present, closing(sqlite3.connect(target)) as new:
            present.backup(new)  # in one step: a snapshot, and no writer waits for it
        _seal(target)
        fault = _fault_in(target)
    except (sqlite3.Error, OSError) as error:
        fault = _describe(error)
    if fault:
        remove(target)
        raise DatabaseError(f"{source} cannot be copied to {target}: {fault}")


def restore(database: Path, file: Path, prepare: Callable[[Path], str]) -> str:
    """Replace the database by a copy, and keep the old one under a name with the date.

    `prepare` brings the copy up to date before it moves there, and returns a sentence. Returns the
    sentences for the operator. Raises DatabaseError when the copy cannot be used.
    """
    with only_process(database):
        new = unfinished(database)
        copy(file, new)
        try:
            prepared = prepare(new)
            _seal(new)
        except (DatabaseError, sqlite3.Error, OSError) as error:
            remove(new)
            reason = error if isinstance(error, DatabaseError) else _describe(error)
            raise DatabaseError(f"{file} cannot be used. {reason}") from error
        aside = _move_aside(database)
        new.rename(database)
    return f"Restored from {file}.{aside} {prepared}"


def remove(database: Path) -> None:
    """Delete a database and the files beside it: an old journal would damage the next database."""
    for ending in ENDINGS:
        database.with_name(database.name + ending).unlink(missing_ok=True)


def _opened(file: Path) -> sqlite3.Connection:
    """Open a file for reading; it may be on a read-only medium."""
    database = read_only(file)
    try:
        database.execute("PRAGMA schema_version").fetchone()
    except sqlite3.Error as error:
        database.close()
        if error.sqlite_errorcode & 0xFF not in _NO_INDEX or _may_be_in_use(file):
            raise
        database = read_only(file, never_changes=True)
    return database


def _may_be_in_use(file: Path) -> bool:
    """Whether a log or a journal may hold more than the file itself."""
    beside = [file.with_name(file.name + ending) for ending in ENDINGS[1:]]
    return any(path.exists() and path.stat().st_size > 0 for path in beside)


def _seal(file: Path) -> None:
    """Put all of a database into its one file, and flush it to the disk."""
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode=DELETE").fetchone()
    with file.open("rb+") as opened:
        os.fsync(opened.fileno())


def _fault_in(file: Path) -> str:
    """Check a copy; returns what is wrong with it, or "" when nothing is."""
    with closing(read_only(file)) as database:
        [[result]] = database.execute("PRAGMA integrity_check(1)").fetchall()
        database.execute("SELECT version_num FROM alembic_version").fetchone()
    return "" if result == "ok" else f"{DAMAGED.what}."


def _describe(error: sqlite3.Error | OSError) -> str:
    if isinstance(error, OSError):
        return f"{error.strerror}."
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _FOREIGN:
        return "it is not a database of this bot."
    problem = problem_of(error)
    return f"{problem.what}." if problem == DAMAGED else f"{problem.what}. {problem.remedy}".strip()


def _move_aside(database: Path) -> str:
    """Rename a database; returns a sentence with its new name, or "" where there was none.

    The file itself goes first, so that a bot that starts meanwhile finds no half of a database.
    """
    name = f"{database.name}.{datetime.now(UTC):%Y%m%d-%H%M%S}"
    parts = [ending for ending in ENDINGS if database.with_name(database.name + ending).exists()]
    for ending in parts:
        part = database.with_name(database.name + ending)
        restrict(part)
        part.rename(database.with_name(name + ending))
    return f" The old database is now {name}." if parts else ""

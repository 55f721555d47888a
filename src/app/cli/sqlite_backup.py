"""Copies of an SQLite file: each grows beside its place, and is checked before it takes it."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from app.composition.database import only_process
from storage.engine.database import DatabaseError, read_only, unfinished
from storage.engine.problems import DAMAGED, problem_of

#: What SQLite keeps of a database: the file itself, its log and index, or its journal.
ENDINGS = ("", "-wal", "-shm", "-journal")
#: By the first byte of SQLite's code: the file is of something else. A table that is missing is
#: an error without a code of its own.
_FOREIGN = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
#: A file in WAL mode cannot be opened where no index can be made beside it.
_NO_INDEX = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)


def copy(source: Path, target: Path) -> None:
    """A snapshot of a database, which may be in use: one file, which only its owner may read.

    Raises DatabaseError when it cannot be made, or is damaged or of something else; then nothing
    is left of it.
    """
    if target.exists() and target.samefile(source):
        raise DatabaseError(f"{source} is a copy that was not finished: choose another one.")
    try:
        remove(target)
        target.touch(mode=0o600)
        with closing(_opened(source)) as present, closing(sqlite3.connect(target)) as new:
            present.backup(new)  # all in one step: a snapshot, and nobody waits for it
        _seal(target)
        fault = _fault_in(target)
    except (sqlite3.Error, OSError) as error:
        fault = _told(error)
    if fault:
        remove(target)
        raise DatabaseError(f"{source} cannot be copied to {target}: {fault}")


def put_back(database: Path, file: Path, prepare: Callable[[Path], str]) -> str:
    """Let a copy take the database's place; what is there is moved aside. Returns what to tell.

    `prepare` makes the copy usable while it is still beside its place, and tells about it.
    """
    with only_process(database):
        new = unfinished(database)
        copy(file, new)
        try:
            told = prepare(new)
            _seal(new)
        except (DatabaseError, sqlite3.Error, OSError) as error:
            remove(new)
            reason = error if isinstance(error, DatabaseError) else _told(error)
            raise DatabaseError(f"{file} cannot be used. {reason}") from error
        aside = _move_aside(database)
        new.rename(database)
    return f"Restored from {file}.{aside} {told}"


def remove(database: Path) -> None:
    """Without what stands beside it: the journal of a file that is gone would spoil the next."""
    for ending in ENDINGS:
        database.with_name(database.name + ending).unlink(missing_ok=True)


def _opened(file: Path) -> sqlite3.Connection:
    """To be read; from a read-only medium, too."""
    found = read_only(file)
    try:
        found.execute("PRAGMA schema_version").fetchone()
    except sqlite3.Error as error:
        found.close()
        if error.sqlite_errorcode & 0xFF not in _NO_INDEX or _may_be_in_use(file):
            raise
        found = read_only(file, never_changes=True)
    return found


def _may_be_in_use(file: Path) -> bool:
    """Whether there may be more than what is in the file itself, now or soon."""
    beside = [file.with_name(file.name + ending) for ending in ENDINGS[1:]]
    return any(one.exists() and one.stat().st_size > 0 for one in beside)


def _seal(file: Path) -> None:
    """All of it is in this one file, needs no other to be opened, and is on the disk."""
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode=DELETE").fetchone()
    with file.open("rb+") as opened:
        os.fsync(opened.fileno())


def _fault_in(file: Path) -> str:
    """What is wrong with a copy, found out now; "" when nothing is."""
    with closing(read_only(file)) as database:
        [[found]] = database.execute("PRAGMA integrity_check(1)").fetchall()
        database.execute("SELECT version_num FROM alembic_version").fetchone()
    return "" if found == "ok" else f"{DAMAGED.what}."


def _told(error: sqlite3.Error | OSError) -> str:
    if isinstance(error, OSError):
        return f"{error.strerror}."
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _FOREIGN:
        return "it is not a database of this bot."
    problem = problem_of(error)
    return f"{problem.what}." if problem == DAMAGED else f"{problem.what}. {problem.remedy}".strip()


def _move_aside(database: Path) -> str:
    """Returns what to tell. The file itself goes first: no start takes the rest for a database."""
    name = f"{database.name}.{datetime.now(UTC):%Y%m%d-%H%M%S}"
    parts = [ending for ending in ENDINGS if database.with_name(database.name + ending).exists()]
    for ending in parts:
        database.with_name(database.name + ending).rename(database.with_name(name + ending))
    return f" What was there is now {name}." if parts else ""

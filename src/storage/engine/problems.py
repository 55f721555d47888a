"""Database errors in words for people: the cause and the remedy, without any quoted data."""

import sqlite3
from dataclasses import dataclass

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
)


@dataclass(frozen=True, slots=True)
class Problem:
    """A cause and its remedy, as shown to a person."""

    what: str
    remedy: str = ""


DAMAGED = Problem(
    "the file is damaged",
    "Restore a backup with `python3 watch.py restore FILE`, or move the file away to begin anew.",
)
NOT_WRITABLE = Problem(
    "the file may not be opened or written",
    "Check who owns it and its folder, and whether the disk is mounted read-only.",
)
#: Problems by the first byte of SQLite's error code.
_OF_SQLITE = {
    sqlite3.SQLITE_BUSY: Problem("another program is writing into the file", "Stop that one."),
    sqlite3.SQLITE_CANTOPEN: NOT_WRITABLE,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_FULL: Problem("the disk is full", "Make room."),
    sqlite3.SQLITE_IOERR: Problem("the disk does not read or write", "Look at the system's log."),
    sqlite3.SQLITE_NOTADB: DAMAGED,
    sqlite3.SQLITE_READONLY: NOT_WRITABLE,
}
#: Errors caused by one statement: the rest of the transaction may be run again without it.
_OF_A_STATEMENT = (DataError, IntegrityError, NotSupportedError, ProgrammingError)
#: PostgreSQL's class of errors for one statement that asks for too much: a value that is too long
#: for an index, too many columns. psycopg counts them among failures of the server.
_LIMIT_EXCEEDED = "54"


def problem_of(error: Exception) -> Problem:
    """Return what an error of the database means."""
    original = getattr(error, "orig", None) or error
    if isinstance(original, OSError):
        return NOT_WRITABLE
    if code := getattr(original, "sqlite_errorcode", None):
        name = getattr(original, "sqlite_errorname", "")
        return _OF_SQLITE.get(code & 0xFF, Problem(f"SQLite tells of {name}"))
    if state := getattr(original, "sqlstate", None):
        return Problem(f"PostgreSQL tells of {state}")
    return Problem("it does not answer", "Check DATABASE_URL.")


def is_server_failure(error: Exception) -> bool:
    """Return whether the database itself failed, so that other statements would fail as well."""
    if not isinstance(error, DBAPIError) or isinstance(error, _OF_A_STATEMENT):
        return False
    return not str(getattr(error.orig, "sqlstate", None)).startswith(_LIMIT_EXCEEDED)

"""Checks of the database. It is only read, and a running bot does not wait for that."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable, Collection
from datetime import timedelta
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.exc import SQLAlchemyError

from app.composition.features import import_tables
from domain.checks import Finding, fail, ok, skip, warn
from jobs.maintenance import count_jobs
from jobs.model import JobState
from storage.engine.actual_tables import REMEDY, IncompleteTables, require_complete
from storage.engine.database import DatabaseError, database_time, require_utf8
from storage.engine.durability import read_durability
from storage.engine.migrate import own_tables
from storage.engine.reading import file_of, reading
from storage.engine.revisions import is_current, is_newer, newest_revision, revision_of
from utils.masking import mask

MIN_FREE_BYTES = 10**9
MAX_CLOCK_SKEW = timedelta(seconds=2)
FIX_FILE = "Put the file back from a backup, or name another one in DATABASE_URL."
FIX_SERVER = "Check DATABASE_URL, and that the server runs and takes this user and password."
FIX_CRASH_SAFETY = "Set fsync, full_page_writes and synchronous_commit to on, in the server."
FIX_FAILOVER = (
    "Name the standby in synchronous_standby_names, and leave synchronous_commit on "
    "(docs/operation.md, Failover)."
)
MIGRATE = "python3 watch.py migrate"
NEWER_CODE = "Start the newer code everywhere, or restore a backup from before it."


async def reachable(url: str) -> Finding:
    """Check that the database can be opened, and its file written."""
    return await asyncio.to_thread(_reachable, url)


async def migrations(url: str) -> Finding:
    """Check that the tables are those that this code knows."""
    return await asyncio.to_thread(_migrations, url)


async def disk_space(folder: Path, *, least: int = MIN_FREE_BYTES) -> Finding:
    """Check that at least so many bytes are free."""
    free = await asyncio.to_thread(lambda: shutil.disk_usage(folder).free)
    space = f"{free / 10**9:.1f} GB free"
    if free >= least:
        return ok(space)
    return warn(
        f"only {space}", f"Make room on the disk of {folder}: the bot stops when it is full."
    )


async def clock(url: str, *, now: Callable[[], float]) -> Finding:
    """Compare the server's clock with ours; `now` is in seconds since 1970."""

    def ask() -> float:
        with reading(url) as connection:
            before = now()
            theirs = database_time(connection)
            return theirs - (before + now()) / 2

    ahead = await asyncio.to_thread(ask)
    if abs(ahead) <= MAX_CLOCK_SKEW.total_seconds():
        return ok(f"{abs(ahead):.1f} s from ours")
    which = "ahead of" if ahead > 0 else "behind"
    return warn(
        f"the server is {abs(ahead):.0f} s {which} this machine",
        "Synchronise both clocks: `timedatectl set-ntp true` on each machine.",
    )


async def durability(url: str) -> Finding:
    """Check what a crash of the server, and a failover to a standby, would lose."""
    return await asyncio.to_thread(_durability, url)


def _durability(url: str) -> Finding:
    with reading(url) as connection:
        found = read_durability(connection)
    if not found.survives_crash:
        return fail(str(found), FIX_CRASH_SAFETY)
    if found.survives_failover or not found.standbys:
        return ok(str(found))
    return warn(str(found), FIX_FAILOVER)


async def dead_letters(url: str) -> Finding:
    """Check that no job has failed for good."""
    return await asyncio.to_thread(_dead_letters, url)


def _dead_letters(url: str) -> Finding:
    with reading(url) as connection:
        if not is_current(connection, newest_revision()):
            return skip("waits for: migrations", MIGRATE)
        try:
            count = count_jobs(connection, JobState.DEAD)
        except SQLAlchemyError:
            if is_newer(revision_of(connection) or ""):
                return warn("cannot be counted: newer code has changed the tables", NEWER_CODE)
            raise
    if count == 0:
        return ok("none")
    return warn(
        f"{count} given up",
        "See why: `python3 watch.py jobs list --state dead`; then `jobs retry`, or `jobs discard`.",
    )


def _reachable(url: str) -> Finding:
    file = file_of(url)
    try:
        if file is not None and (problem := _file_problem(file)):
            return problem
        if file is not None and not file.exists():
            return ok(f"{file} will be created at the first start")
        with reading(url) as connection:
            connection.execute(text("SELECT 1" if file is None else "PRAGMA schema_version"))
    except (SQLAlchemyError, ValueError) as error:
        return fail(f"cannot be used: {_reason(error)}", FIX_FILE if file else FIX_SERVER)
    return ok("PostgreSQL answers" if file is None else f"{file} can be read and written")


def _file_problem(file: Path) -> Finding | None:
    folder = file.absolute().parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return fail(
            f"nothing can be written in {folder}: {error.strerror}",
            f"mkdir -p {folder}, and let the user that runs the bot write there.",
        )
    if file.exists() and not os.access(file, os.R_OK | os.W_OK):
        return fail(f"{file} may not be written", f"chmod u+rw {file}, or chown it to the bot.")
    return None


def _migrations(url: str) -> Finding:
    file = file_of(url)
    if file is not None and not file.exists():
        return skip("there is no database yet")
    try:
        with reading(url) as connection:
            revision = revision_of(connection)
            if revision is not None and is_newer(revision):
                return judge_newer(revision, inspect(connection).get_table_names())
            import_tables()
            require_utf8(connection)
            require_complete(connection)
    except IncompleteTables as error:
        return fail(error.problem, REMEDY)
    except DatabaseError as error:  # of another program
        return fail(str(error), FIX_SERVER if file is None else FIX_FILE)
    if revision == newest_revision():
        return ok("all applied")
    said = "there are no tables yet" if revision is None else "some are missing"
    if file is None:
        return fail(said, MIGRATE)
    return warn(f"{said}: the bot applies them when it starts", f"{MIGRATE}, or start the bot.")


def judge_newer(revision: str, tables: Collection[str]) -> Finding:
    """Say whether this code can work with tables that newer code has changed."""
    missing = own_tables().difference(tables)
    if missing:
        return fail(
            f"newer code has changed the tables ({revision}), and {min(missing)} is missing: the "
            "bot does not start",
            NEWER_CODE,
        )
    return warn(
        f"newer code has changed the tables ({revision}); this code works with them", NEWER_CODE
    )


def _reason(error: Exception) -> str:
    """Return one line of an error, without phone numbers and passwords."""
    lines = str(getattr(error, "orig", None) or error).splitlines() or [type(error).__name__]
    return mask(lines[0])

"""Whether the database can be used. It is only read, and no running bot waits for that."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, NullPool, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from app.doctor.finding import Finding, fail, ok, skip, warn
from jobs.maintenance import count_jobs
from jobs.model import JobState
from storage.engine.database import database_time, open_engine, read_only
from storage.engine.migrate import FOLDER, is_current, newest_revision
from utils.masking import mask

LEAST_FREE = 10**9  # bytes
LARGEST_SKEW = timedelta(seconds=2)
MEND_FILE = "Put the file back from a backup, or name another one in DATABASE_URL."
MEND_SERVER = "Check DATABASE_URL, and that the server runs and takes this user and password."
MIGRATE = "python3 watch.py migrate"


def file_of(url: str) -> Path | None:
    """The SQLite file; None for a server."""
    return Path(make_url(url).database or "") if url.startswith("sqlite:") else None


@contextmanager
def reading(url: str) -> Iterator[Connection]:
    """A connection that changes nothing."""
    engine = _open(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


async def reachable(url: str) -> Finding:
    return await asyncio.to_thread(_reachable, url)


async def migrations(url: str) -> Finding:
    return await asyncio.to_thread(_migrations, url)


async def disk_space(folder: Path, *, least: int = LEAST_FREE) -> Finding:
    free = await asyncio.to_thread(lambda: shutil.disk_usage(folder).free)
    told = f"{free / 10**9:.1f} GB free"
    if free >= least:
        return ok(told)
    return warn(
        f"only {told}", f"Make room on the disk of {folder}: the bot stops when it is full."
    )


async def clock(url: str, *, now: Callable[[], float]) -> Finding:
    """Whether the server's clock and ours agree; `now` in seconds since 1970."""

    def ask() -> float:
        with reading(url) as connection:
            before = now()
            theirs = database_time(connection)
            return theirs - (before + now()) / 2

    ahead = await asyncio.to_thread(ask)
    if abs(ahead) <= LARGEST_SKEW.total_seconds():
        return ok(f"{abs(ahead):.1f} s from ours")
    which = "ahead of" if ahead > 0 else "behind"
    return warn(
        f"the server is {abs(ahead):.0f} s {which} this machine",
        "Keep both in time: `timedatectl set-ntp true` on each.",
    )


async def dead_letters(url: str) -> Finding:
    """Jobs that were given up."""

    def count() -> int | None:
        with reading(url) as connection:
            if not is_current(connection, newest_revision()):
                return None
            return count_jobs(connection, JobState.DEAD)

    found = await asyncio.to_thread(count)
    if found is None:
        return skip("waits for: migrations", MIGRATE)
    if found == 0:
        return ok("none")
    return warn(
        f"{found} given up",
        "See why: `python3 watch.py dead-letters`; then `python3 watch.py dead-letters retry`.",
    )


def _open(url: str) -> Engine:
    file = file_of(url)
    if file is None:
        return open_engine(url)
    # `open_engine` locks the file for each transaction, and the bot waits for no lock for long.
    return create_engine("sqlite://", creator=lambda: read_only(file), poolclass=NullPool)


def _reachable(url: str) -> Finding:
    file = file_of(url)
    try:
        if file is not None and (trouble := _trouble_with(file)):
            return trouble
        if file is not None and not file.exists():
            return ok(f"{file} will be made at the first start")
        with reading(url) as connection:
            connection.execute(text("SELECT 1" if file is None else "PRAGMA schema_version"))
    except (SQLAlchemyError, ValueError) as error:
        return fail(f"cannot be used: {_reason(error)}", MEND_FILE if file else MEND_SERVER)
    return ok("PostgreSQL answers" if file is None else f"{file} can be read and written")


def _trouble_with(file: Path) -> Finding | None:
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
    with reading(url) as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found == newest_revision():
        return ok("all applied")
    known = {one.revision for one in ScriptDirectory(str(FOLDER)).walk_revisions()}
    if found is not None and found not in known:
        return warn(
            f"newer code has changed the tables ({found}); this one goes on with them",
            "Start the newer code everywhere, or go back to a backup from before it.",
        )
    said = "there are no tables yet" if found is None else "some are missing"
    if file is None:
        return fail(said, MIGRATE)
    return warn(f"{said}: the bot makes them when it starts", f"{MIGRATE}, or start the bot.")


def _reason(error: Exception) -> str:
    """One line, without numbers and passwords."""
    lines = str(getattr(error, "orig", None) or error).splitlines() or [type(error).__name__]
    return mask(lines[0])

"""Copies of the database, taken while the bot works, and put back while it does not.

A copy holds what people wrote and who they are: only its owner may read it.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, make_url

from app.database import only_process
from config.env import SettingsError, load_database_url
from lanes.model import JobState
from lanes.upkeep import count_jobs
from storage.database import DatabaseError, open_engine, read_only
from storage.migrate import upgrade
from utils.started_from import given_file

#: What pg_dump writes: compressed, and pg_restore can read it in any order.
FORMAT = "--format=custom"


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
    unfinished = file.with_name(f"{file.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    if url.get_backend_name() == "sqlite":
        _save_sqlite(_present(url), unfinished)
    else:
        _run(["pg_dump", FORMAT, f"--file={unfinished}"], url)
    unfinished.rename(file)
    return f"Saved to {file}, {file.stat().st_size / 1024**2:,.1f} MB."


def put_back(url: URL, file: Path) -> str:
    """Make the database what it was when this copy was taken; returns what to tell."""
    if not file.is_file():
        raise DatabaseError(f"There is no file {file}.")
    if url.get_backend_name() == "sqlite":
        told = _put_back_sqlite(Path(str(url.database)), file)
    else:
        options = ["--clean", "--if-exists", "--no-owner", "--single-transaction"]
        _run(["pg_restore", *options, f"--dbname={url.database}", str(file)], url)
        told = f"Restored from {file}."
    return f"{told} {_waiting(url)}"


def _save_sqlite(database: Path, copy: Path) -> None:
    with closing(read_only(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)  # all in one step: a snapshot, and nobody waits for it
    _check(copy)


def _put_back_sqlite(database: Path, file: Path) -> str:
    with only_process(database):
        _check(file)
        aside = ""
        if database.exists():
            now = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
            aside = f" What was there is now {database.name}.{now}."
            for ending in ("", "-wal", "-shm"):
                part = database.with_name(database.name + ending)
                if part.exists():
                    part.rename(database.with_name(f"{database.name}.{now}{ending}"))
        unfinished = database.with_name(f"{database.name}.unfinished")
        shutil.copyfile(file, unfinished)
        unfinished.chmod(0o600)
        unfinished.rename(database)
    return f"Restored from {file}.{aside}"


def _check(file: Path) -> None:
    """A copy that is damaged, or of something else, is found out now."""
    try:
        with closing(read_only(file)) as copy:
            [[found]] = copy.execute("PRAGMA integrity_check(1)").fetchall()
            copy.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError:
        found = "not a database of this bot"
    if found != "ok":
        raise DatabaseError(f"{file} cannot be used: {found}.")


def _waiting(url: URL) -> str:
    """How much work a restored database will do again."""
    engine = open_engine(url.render_as_string(hide_password=False))
    upgrade(engine)
    with engine.connect() as connection:
        count = count_jobs(connection, JobState.TODO)
    engine.dispose()
    return f"{count} jobs waited then, and will run again." if count else "No work waited then."


def _run(command: Sequence[str], url: URL) -> None:
    """Run a tool of PostgreSQL's on a database; its password is on no command line."""
    told = {"PGHOST": url.host or url.query.get("host"), "PGPORT": url.port and str(url.port)}
    told |= {"PGUSER": url.username, "PGPASSWORD": url.password, "PGDATABASE": url.database}
    environment = {**os.environ, **{name: str(one) for name, one in told.items() if one}}
    try:
        subprocess.run(command, env=environment, check=True)
    except FileNotFoundError:
        raise DatabaseError(
            f"{command[0]} is not here: install PostgreSQL's client programs "
            "(Debian, Ubuntu: sudo apt install postgresql-client)."
        ) from None
    except subprocess.CalledProcessError:
        raise DatabaseError(f"{command[0]} failed: see above.") from None


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
        print(do(make_url(load_database_url()), given_file(file)))
    except (SettingsError, DatabaseError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0

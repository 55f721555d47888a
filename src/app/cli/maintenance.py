"""Migrations and dead letters, for the people who operate the bot."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, make_url

from app.composition.database import readable_database_errors
from app.composition.features import import_tables
from config.env import SettingsError, load_database_url
from jobs.maintenance import dead_letters as newest_dead_letters
from jobs.maintenance import retry_dead_letters
from storage.engine.actual_tables import require_complete
from storage.engine.database import DatabaseError, database_time, open_engine
from storage.engine.migrate import is_newer, upgrade


def migrate() -> int:
    """Apply the migrations that the database lacks."""
    with _engine() as engine:
        revision = upgrade(engine)
        with engine.connect() as connection:
            import_tables()
            require_complete(connection)
    if is_newer(revision):
        print(f"The tables are newer than this version ({revision}), which goes on with them.")
    else:
        print("The tables are up to date.")
    return 0


def list_dead_letters() -> int:
    """Print the newest dead letters; creates no database where there is none."""
    if _is_missing():
        print("No dead letters: there is no database yet. It is created at the first start.")
        return 0
    with _engine() as engine, engine.begin() as connection:
        letters = newest_dead_letters(connection)
    for letter in letters:
        print(f"{letter.id}  {letter.kind}  {letter.tries} attempts  {letter.error}")
    print(f"{len(letters)} dead letters" if letters else "No dead letters.")
    return 0


def retry(ids: Sequence[int] | None) -> int:
    """Run dead letters again: all of them for None. Returns 1 when none has one of these ids."""
    if _is_missing():
        print("No dead letters: there is no database yet.", file=sys.stderr)
        return 1 if ids else 0
    with _engine() as engine, engine.begin() as connection:
        count = retry_dead_letters(connection, database_time(connection), ids=ids)
    if ids and not count:
        print("No dead letter has this id. List them: watch.py dead-letters", file=sys.stderr)
        return 1
    print(f"{count} jobs will run again.")
    return 0


def _is_missing() -> bool:
    """Whether the database is an SQLite file that does not exist yet."""
    with _exit_on_errors():
        url = make_url(load_database_url())
    return url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists()


@contextmanager
def _engine() -> Iterator[Engine]:
    with _exit_on_errors():
        engine = open_engine(load_database_url())
        try:
            with readable_database_errors(engine):
                yield engine
        finally:
            engine.dispose()


@contextmanager
def _exit_on_errors() -> Iterator[None]:
    """End the program with one sentence when the settings or the database cannot be used."""
    try:
        yield
    except (SettingsError, DatabaseError) as error:
        sys.exit(str(error))

"""The database of this folder's settings, for commands that may run beside the bot."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, make_url

from app.composition.database import readable_database_errors
from config.env import SettingsError, load_database_url
from storage.engine.database import DatabaseError, open_engine


@contextmanager
def local_engine() -> Iterator[Engine]:
    """Yield the engine; end the program with one sentence when it cannot be used."""
    with _exit_on_errors():
        engine = open_engine(load_database_url())
        try:
            with readable_database_errors(engine):
                yield engine
        finally:
            engine.dispose()


def is_missing() -> bool:
    """Return whether the database is an SQLite file that does not exist yet."""
    with _exit_on_errors():
        url = make_url(load_database_url())
    return url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists()


@contextmanager
def _exit_on_errors() -> Iterator[None]:
    try:
        yield
    except (SettingsError, DatabaseError) as error:
        sys.exit(str(error))

"""Migrations: bringing a database's tables up to date."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData, create_engine, inspect

from storage.engine.database import DatabaseError
from storage.engine.revisions import FOLDER, is_newer, newest_revision, revision_of

#: The advisory lock of PostgreSQL that whoever migrates holds: any number that nothing else uses.
LOCK = 0x6D_69_67_72


def upgrade(engine: Engine) -> str:
    """Apply the migrations that this database lacks; return the revision that it is at then.

    A database that is newer than this code is left as it is, see `is_current`. One of another
    program is a DatabaseError.
    """
    newest = newest_revision()
    with engine.connect() as connection:
        found = revision_of(connection)
        if found is not None and is_newer(found):
            _require_tables(connection, found)
            return found
    with _alone(engine), engine.connect() as connection:
        # in no transaction yet: each migration has its own
        command.upgrade(alembic_config(connection), "head")
        connection.commit()
    return newest


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """Wait for others who migrate, and let them wait. An SQLite file has one process anyway."""
    if engine.dialect.name != "postgresql":
        yield
        return
    with engine.connect() as connection:
        connection.detach()  # a pool would keep one more than the engine needs afterwards
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        yield


def own_tables() -> frozenset[str]:
    """Return the names of all tables that the migrations lead to, alembic's own included."""
    return _own()[0]


def own_views() -> frozenset[str]:
    """Return the names of all views that the migrations lead to."""
    return _own()[1]


@cache
def _own() -> tuple[frozenset[str], frozenset[str]]:
    engine = create_engine("sqlite://")  # in memory
    upgrade(engine)
    made = inspect(engine)
    found = frozenset(made.get_table_names()), frozenset(made.get_view_names())
    engine.dispose()
    return found


def _require_tables(connection: Connection, revision: str) -> None:
    """Refuse newer tables in which one that this code needs is missing."""
    missing = own_tables().difference(inspect(connection).get_table_names())
    if missing:
        raise DatabaseError(
            f"The database is at revision {revision}, which this version does not know, and has no "
            f"table {min(missing)}: it is another program's, or of a version too new for this one. "
            "Check DATABASE_URL."
        )


def alembic_config(connection: Connection, metadata: MetaData | None = None) -> Config:
    """Return Alembic's settings, without a file, for the given connection."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes.update(connection=connection, metadata=metadata)
    return config

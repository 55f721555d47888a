"""Bringing a database's tables up to date."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData

FOLDER = Path(__file__).parent / "migrations"


def upgrade(engine: Engine) -> None:
    """Apply the migrations that this database lacks."""
    with engine.connect() as connection:
        command.upgrade(alembic_config(connection), "head")
        connection.commit()


def newest_revision() -> str:
    """What the migrations lead to."""
    head = ScriptDirectory(str(FOLDER)).get_current_head()
    assert head is not None
    return head


def is_current(connection: Connection, newest: str) -> bool:
    """True when no migration is missing.

    One that is newer than this code is none of its business: it was made so that the processes
    before it go on working until they are replaced.
    """
    found = MigrationContext.configure(connection).get_current_revision()
    return found is not None and found not in _revisions_before(newest)


@cache
def _revisions_before(newest: str) -> frozenset[str]:
    history = ScriptDirectory(str(FOLDER)).walk_revisions(head=newest)
    return frozenset(each.revision for each in history) - {newest}


def alembic_config(connection: Connection, metadata: MetaData | None = None) -> Config:
    """Alembic's settings, without a file: it works on the connection that it is given."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes.update(connection=connection, metadata=metadata)
    return config

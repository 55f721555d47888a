"""What alembic runs: the migrations, on the connection that it is given.

Alembic's own command brings none: `alembic current` and `alembic upgrade head` work on the database
of DATABASE_URL, as `python3 watch.py migrate` does.
"""

import logging
from importlib import import_module

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection

from storage.engine.database import open_engine


def run(connection: Connection) -> None:
    """Run what alembic was asked for."""
    context.configure(
        connection=connection,
        target_metadata=context.config.attributes.get("metadata"),
        render_as_batch=True,  # SQLite can hardly alter a table: it is copied instead
        transaction_per_migration=True,
    )
    context.run_migrations()


def run_for_command() -> None:
    """Run it on the database of the settings, and tell which named revisions are there."""
    logging.basicConfig(format="%(levelname)-5s [%(name)s] %(message)s")
    log = logging.getLogger("alembic")
    log.setLevel(logging.INFO)
    if context.is_offline_mode():
        raise CommandError("--sql is not supported: some migrations read what is stored.")
    engine = open_engine(_database_url())
    with engine.connect() as connection:
        run(connection)
        connection.commit()
        heads = context.get_context().get_current_heads()
    for one in context.script.iterate_revisions(heads, "base"):
        if label := getattr(one.module, "branch_labels", None):
            log.info("Has %s", label)
    engine.dispose()


def _database_url() -> str:
    """Return DATABASE_URL. Settings belong to a layer above: only this command asks for them."""
    settings = import_module("config.env")
    try:
        return str(settings.load_database_url())
    except settings.SettingsError as error:
        raise CommandError(str(error)) from error


if (given := context.config.attributes.get("connection")) is not None:
    run(given)
else:
    run_for_command()

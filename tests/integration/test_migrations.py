"""Migrations lead to exactly the tables that the code works with."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

import storage.broadcasts
import storage.budgets
import storage.consents
import storage.deliveries
import storage.desk
import storage.erasure
import storage.faq_hits
import storage.identities
import storage.kept
import storage.media
import storage.records  # noqa: F401 - every table must be known
from storage.database import metadata, open_engine
from storage.migrate import is_current, newest_revision, upgrade


def test_schema_from_migrations_is_the_schema_of_the_tables(database_url: str) -> None:
    engine = open_engine(database_url)
    upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": False})
        assert compare_metadata(context, metadata) == []
        assert is_current(connection, newest_revision())
    engine.dispose()


def test_a_database_without_tables_is_not_current(database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.connect() as connection:
        assert not is_current(connection, newest_revision())
    engine.dispose()


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    engine = open_engine(database_url)
    upgrade(engine)
    upgrade(engine)
    engine.dispose()

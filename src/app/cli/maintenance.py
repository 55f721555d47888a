"""Migrations, for the people who operate the bot."""

from app.cli.command_setup import LocalSetup
from app.cli.feature_databases import migrate_more
from app.cli.local_database import local_engine
from app.composition.features import import_tables
from storage.engine.actual_tables import require_complete
from storage.engine.database import require_utf8
from storage.engine.migrate import upgrade
from storage.engine.revisions import is_newer


def migrate() -> int:
    """Apply the migrations that the database lacks."""
    with local_engine() as engine:
        with engine.connect() as connection:
            require_utf8(connection)
        revision = upgrade(engine)
        with engine.connect() as connection:
            import_tables()
            require_complete(connection)
    count = migrate_more(LocalSetup())
    if count:
        print(f"The tables of {count} more databases are up to date.")
    if is_newer(revision):
        print(f"The tables are newer than this version ({revision}), which goes on with them.")
    else:
        print("The tables are up to date.")
    return 0

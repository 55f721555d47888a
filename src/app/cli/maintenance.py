"""Migrations, for the people who operate the bot."""

from app.cli.local_database import local_engine
from storage.engine.migrate import is_newer, upgrade


def migrate() -> int:
    """Apply the migrations that the database lacks."""
    with local_engine() as engine:
        revision = upgrade(engine)
    if is_newer(revision):
        print(f"The tables are newer than this version ({revision}), which goes on with them.")
    else:
        print("The tables are up to date.")
    return 0

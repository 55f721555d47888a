"""Changes to a database's tables that no code of ours makes."""

from sqlalchemy import text

from storage.database import open_engine

NEWER = "9999"  # a migration of a version to come


def change(url: str, *statements: str) -> None:
    engine = open_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def make_newer(url: str, *statements: str) -> None:
    """As a later version's migration does, whose statements these are."""
    change(url, f"UPDATE alembic_version SET version_num = '{NEWER}'", *statements)

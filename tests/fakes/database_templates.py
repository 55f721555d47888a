"""Databases whose tables are made already: to migrate one for each test would take minutes."""

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import create_engine, text

from storage.engine.database import open_engine
from storage.engine.migrate import upgrade

#: Copied for each test.
TEMPLATE = "template_bot"


def make_file(path: Path) -> None:
    """An SQLite file with all tables, and nothing in them."""
    path.write_bytes(_file())


@cache
def _file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bot.db"
        _upgrade(f"sqlite:///{path}")
        return path.read_bytes()


def make_template(server: str) -> None:
    """Have a PostgreSQL server, by the URL of its maintenance database, keep one to be copied."""
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {TEMPLATE}"))
    admin.dispose()
    _upgrade(server.replace("/postgres?", f"/{TEMPLATE}?"))


def _upgrade(url: str) -> None:
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()

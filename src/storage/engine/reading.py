"""Reading a database without changing it, and without waiting for the bot that uses it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, NullPool, create_engine, make_url

from storage.engine.database import open_engine, read_only


def file_of(url: str) -> Path | None:
    """Return the SQLite file; None for a server."""
    return Path(make_url(url).database or "") if url.startswith("sqlite:") else None


@contextmanager
def reading(url: str) -> Iterator[Connection]:
    """Open a connection that changes nothing."""
    engine = _open(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _open(url: str) -> Engine:
    file = file_of(url)
    if file is None:
        return open_engine(url)
    # `open_engine` locks the file for each transaction, and the bot waits for no lock for long.
    return create_engine("sqlite://", creator=lambda: read_only(file), poolclass=NullPool)

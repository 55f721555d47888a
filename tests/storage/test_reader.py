"""Queries beside the transactions of a process."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select
from tests.fakes.database_templates import make_file

from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit
from storage.tables.key_value import kept


async def test_all_statements_of_a_query_see_one_moment(
    database: GroupCommit, migrated_url: str
) -> None:
    """So that what moves from one table to another meanwhile is seen once."""
    writer = open_engine(migrated_url)
    count = select(func.count()).select_from(kept)

    def look(connection: Connection, _now: float) -> list[int | None]:
        before = connection.scalar(count)
        with writer.begin() as other:
            other.execute(insert(kept).values(name="one", value="x"))
        return [before, connection.scalar(count)]

    assert await database.reader.run(look) == [0, 0]
    writer.dispose()


async def test_queries_of_sqlite_share_a_connection_which_is_closed_at_the_end(
    tmp_path: Path,
) -> None:
    """To open one reads all definitions of tables: it takes as long as several queries."""
    make_file(tmp_path / "bot.db")
    database = GroupCommit(open_engine(f"sqlite:///{tmp_path / 'bot.db'}"), lambda _connection: 0.0)

    def driver(connection: Connection, _now: float) -> Any:
        return connection.connection.driver_connection

    first, second = await database.reader.run(driver), await database.reader.run(driver)
    assert first is second
    await database.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        first.execute("SELECT 1")

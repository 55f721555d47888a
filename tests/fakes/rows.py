"""Reads tables of a town."""

from typing import Any

from sqlalchemy import select
from tests.fakes.bot import BotHarness

from storage.engine.database import metadata
from storage.engine.group_commit import Transaction


async def rows(town: BotHarness, table: str, name: str) -> list[Any]:
    """Return a column of a table."""
    query = select(metadata.tables[table].c[name])
    return await town.database.submit(Transaction(lambda c, _: list(c.scalars(query))))

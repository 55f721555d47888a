"""The database of a command: one transaction, and then it is closed."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Connection

from services.setup import CommandSetup
from storage.engine.group_commit import Transaction

Answer = TypeVar("Answer")


def in_database(setup: CommandSetup, do: Callable[[Connection, datetime], Answer]) -> Answer:
    """Return what `do` returns, in a transaction; it gets the time of the database."""

    async def run() -> Answer:
        async with setup.open_database() as database:
            return await database.submit(
                Transaction(lambda c, now: do(c, datetime.fromtimestamp(now, UTC)))
            )

    return asyncio.run(run())

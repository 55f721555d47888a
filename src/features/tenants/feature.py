"""More phone numbers in one process."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from loguru import logger
from sqlalchemy.exc import SQLAlchemyError

from features.tenants.tables import StoredNumber, stored_numbers
from services.feature import Feature
from services.numbers import Number
from storage.engine.group_commit import Transaction

#: Time until a running process knows what a command has changed.
REFRESH_EVERY = timedelta(seconds=2)


class Tenants(Feature):
    """The bot answers from every number of its table, beside that of the settings."""

    name = "tenants"
    summary = "more phone numbers in one process"
    page = "docs/tenants.md"

    async def refresh(self) -> None:
        """Have the bot answer from the numbers that are in the table now."""
        stored = await self.parts.database.submit(Transaction(lambda c, _: stored_numbers(c)))
        self.parts.cloud_api.numbers.replace(map(_number, stored))

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        await self.refresh()
        refreshing = asyncio.create_task(self._keep_fresh())
        try:
            yield
        finally:
            refreshing.cancel()
            with suppress(asyncio.CancelledError):
                await refreshing

    async def health(self) -> Mapping[str, str]:
        count = sum(1 for _ in self.parts.cloud_api.numbers)
        return {"numbers": str(count)} if count > 1 else {}

    async def _keep_fresh(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_EVERY.total_seconds())
            try:
                await self.refresh()
            except SQLAlchemyError as error:
                logger.opt(exception=error).warning("the table of numbers was not read; later then")


def _number(stored: StoredNumber) -> Number:
    return Number(
        id=stored.id,
        account_id=stored.account_id or None,
        messages_per_second=stored.messages_per_second,
        display=stored.display,
        label=stored.label,
    )


FEATURE = Tenants

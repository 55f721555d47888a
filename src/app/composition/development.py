"""What only development has: observers of conversations, and the clock of the emulator."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx

from config.env import Settings
from domain.state_change import StateObserver
from storage.engine.database import Clock, database_time

if TYPE_CHECKING:
    from app.composition.bot import Bot


class Development:
    """Nothing, outside of development."""

    observers: Sequence[StateObserver] = ()
    clock: Clock = staticmethod(database_time)

    @asynccontextmanager
    async def beside(self, bot: "Bot") -> AsyncIterator[None]:
        """Run what belongs to a bot, from before it works until it has ended."""
        yield


@asynccontextmanager
async def developing(settings: Settings, http: httpx.AsyncClient) -> AsyncIterator[Development]:
    """Yield what development adds; a server in production loads none of its code."""
    if settings.environment != "development" and settings.steps_url is None:
        yield Development()
        return
    from app.development.workshop import workshop

    async with workshop(settings, http) as found:
        yield found

"""What a bot in development has besides: observers, and what it does with the emulator."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from app.composition.bot import Bot
from app.composition.development import Development
from app.development.emulator_news import EmulatorNews
from app.development.fresh_start import PeopleForgetter
from app.development.observers import state_observers
from app.runtime.background import running_beside
from config.env import Settings
from services.erasure import Eraser


class Workshop(Development):
    """A bot that shares the clock of its emulator, and forgets whom that forgets."""

    def __init__(self, news: EmulatorNews | None) -> None:
        self._news = news

    @asynccontextmanager
    async def beside(self, bot: Bot) -> AsyncIterator[None]:
        """Carry out what waits, then follow the emulator for as long as the bot runs."""
        if self._news is None:
            yield
            return
        forgetter = PeopleForgetter(
            Eraser(bot.parts.database, bot.parts.served_pools, bot.parts.quoting_pools)
        )
        await self._news.catch_up(forgetter)
        async with running_beside(self._news.follow(forgetter, bot.wake)):
            yield


@asynccontextmanager
async def workshop(settings: Settings, http: httpx.AsyncClient) -> AsyncIterator[Workshop]:
    """Yield what development adds. A bot at Meta's own API follows no emulator."""
    news = None
    if settings.environment == "development" and settings.steps_url is not None:
        news = EmulatorNews.beside(settings.steps_url, settings.graph_api_url, http)
    found = Workshop(news)
    if news is not None:
        found.clock = news.clock
        await news.read_clock()
    async with state_observers(settings, http) as found.observers:
        yield found

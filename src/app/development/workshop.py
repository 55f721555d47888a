"""What a bot in development has besides: observers, and what it does with the emulator."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from app.composition.bot import Bot
from app.composition.development import Development
from app.development.emulator_news import EmulatorNews
from app.development.flow_map import flow_map
from app.development.fresh_start import PeopleForgetter
from app.development.known_person import describe_person
from app.development.observers import state_observers
from config.env import Settings
from services.erasure import Eraser
from utils.background import running_beside


class DevelopedBot:
    """A bot, as the emulator asks things of it."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        parts = bot.parts
        eraser = Eraser(parts.database, parts.served_pools, parts.quoting_pools)
        self.forget = PeopleForgetter(eraser).forget
        self.wake = bot.wake

    async def known(self, people: Sequence[str]) -> Mapping[str, Any]:
        """Return what is known of a person, for the panel beside the phone."""
        return await describe_person(self._bot.parts.database, people)

    def flows(self) -> Mapping[str, Any]:
        """Return the map of the flows, with the texts of the files."""
        parts = self._bot.parts
        stages = parts.conversations.handler.stages
        return flow_map(parts.context.flows, parts.context.texts, stages)


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
        developed = DevelopedBot(bot)
        await self._news.catch_up(developed)
        async with running_beside(self._news.follow(developed)):
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

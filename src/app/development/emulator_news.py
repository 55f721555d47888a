"""Follows the emulator of a bot in development: its clock, and people who start afresh."""

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import aiohttp
import httpx
from loguru import logger
from sqlalchemy.exc import SQLAlchemyError

from app.development.moved_clock import MovedClock

#: Pause after the emulator did not answer, in seconds.
RETRY_SECONDS = 1.0


class FollowedBot(Protocol):
    """What the emulator asks of a bot."""

    async def forget(self, people: list[str] | None) -> list[str]:
        """Erase the person of these identifiers, or everyone; return all their identifiers."""

    async def known(self, people: list[str]) -> Mapping[str, Any]:
        """Return what is known of a person."""

    def flows(self) -> Mapping[str, Any]:
        """Return the map of the flows."""

    def wake(self) -> None:
        """Look for work at once."""


class EmulatorNews:
    """What the emulator asks of the bot; the clock is moved at once."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self._url = url
        self._http = http
        self._known: Mapping[str, Any] | None = None
        self.clock = MovedClock()

    @classmethod
    def beside(
        cls, steps_url: str, graph_url: str, http: httpx.AsyncClient
    ) -> "EmulatorNews | None":
        """Return the news of an emulator; None if the API of the bot is not the emulator's."""
        if urlsplit(steps_url).netloc != urlsplit(graph_url).netloc:
            return None
        return cls(steps_url, http)

    async def read_clock(self) -> None:
        """Take over the clock of an emulator that runs already."""
        await self._ask()

    async def catch_up(self, bot: FollowedBot) -> None:
        """Carry out the orders that wait."""
        for order in (self._known or {}).get("forget", ()):
            people = await bot.forget(order["people"])
            await self._tell(f"bot/orders/{order['number']}", {"people": people})

    async def _show(self, bot: FollowedBot) -> None:
        """Send what pages of the emulator ask for."""
        for asked in (self._known or {}).get("show", ()):
            known = await bot.known(asked["people"])
            await self._tell("bot/people", {"wa_id": asked["wa_id"], "known": known})

    async def follow(self, bot: FollowedBot) -> None:
        """Follow the emulator until cancelled."""
        has_map = False
        while True:
            ahead = self.clock.ahead
            if not await self._ask():
                has_map = False  # the next emulator needs it, too
                await asyncio.sleep(RETRY_SECONDS)
                continue
            has_map = has_map or await self._tell("bot/flows", bot.flows()) is not None
            try:
                await self.catch_up(bot)
                await self._show(bot)
            except SQLAlchemyError as error:
                logger.opt(exception=error).error("the emulator's requests fail")
                await asyncio.sleep(RETRY_SECONDS)
            if self.clock.ahead != ahead:
                bot.wake()

    async def _ask(self) -> bool:
        """Wait for news, and take over the clock; return False without an answer."""
        told = await self._tell("bot/news", {"known": self._known})
        if told is None:
            return False
        self._known = told
        self.clock.ahead = float(told["ahead"])
        return True

    async def _tell(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the answer to a request; None without one."""
        try:
            answer = await self._http.post(urljoin(self._url, path), json=body)
            found: Mapping[str, Any] = answer.json()
        except (httpx.HTTPError, aiohttp.ClientError, ValueError):
            return None
        return found if answer.status_code == httpx.codes.OK else None

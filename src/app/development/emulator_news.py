"""Follows the emulator of a bot in development: its clock, and people who start afresh."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import aiohttp
import httpx
from loguru import logger
from sqlalchemy.exc import SQLAlchemyError

from app.development.moved_clock import MovedClock

#: Pause after the emulator did not answer, in seconds.
RETRY_SECONDS = 1.0


class Forgetter(Protocol):
    """Erases people for good."""

    async def forget(self, people: list[str] | None) -> list[str]: ...


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

    async def catch_up(self, forgetter: Forgetter) -> None:
        """Carry out the orders that wait."""
        for order in (self._known or {}).get("forget", ()):
            people = await forgetter.forget(order["people"])
            done = urljoin(self._url, f"bot/orders/{order['number']}")
            await self._post(done, {"people": people})

    async def follow(self, forgetter: Forgetter, wake: Callable[[], None]) -> None:
        """Follow the emulator until cancelled."""
        while True:
            ahead = self.clock.ahead
            if not await self._ask():
                await asyncio.sleep(RETRY_SECONDS)
                continue
            try:
                await self.catch_up(forgetter)
            except SQLAlchemyError as error:
                logger.opt(exception=error).error("people could not start afresh")
                await asyncio.sleep(RETRY_SECONDS)
            if self.clock.ahead != ahead:
                wake()

    async def _ask(self) -> bool:
        """Wait for news, and take over the clock; return False without an answer."""
        told = await self._post(urljoin(self._url, "bot/news"), {"known": self._known})
        if told is None:
            return False
        self._known = told
        self.clock.ahead = float(told["ahead"])
        return True

    async def _post(self, url: str, body: Mapping[str, Any]) -> Mapping[str, Any] | None:
        try:
            answer = await self._http.post(url, json=body)
            found: Mapping[str, Any] = answer.json()
        except (httpx.HTTPError, aiohttp.ClientError, ValueError):
            return None
        return found if answer.status_code == httpx.codes.OK else None

"""Tells another program of each step of a conversation, while the bot is developed."""

import asyncio
from dataclasses import asdict

import aiohttp
import httpx

from domain.state_change import StateChange

#: Steps that may wait to be told; more are dropped: nobody's work waits for a report.
MOST_WAITING = 1_000


class DevEventReporter:
    """Posts each step as JSON to a URL of this machine."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self._http = http
        self._url = url
        self._waiting: asyncio.Queue[StateChange] = asyncio.Queue(MOST_WAITING)

    def __call__(self, step: StateChange) -> None:
        if not self._waiting.full():
            self._waiting.put_nowait(step)

    async def run(self) -> None:
        """Tell of them, one after the other, for ever."""
        while True:
            step = await self._waiting.get()
            try:
                await self._http.post(self._url, json=asdict(step))
            except (httpx.HTTPError, aiohttp.ClientError):
                continue  # whoever listened has gone

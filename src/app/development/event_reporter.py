"""Tells another program of each state change and each error, while the bot is developed."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import urljoin

import aiohttp
import httpx

from app.development.errors import STATUS_PATH, DevError
from domain.state_change import StateChange

#: Reports that wait to be sent; more are dropped, since no work waits for a report.
MAX_WAITING_REPORTS = 1_000


class DevEventReporter:
    """Posts each state change as JSON to a URL of this machine, and each error to its host."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self._http = http
        self._url = url
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Queue[tuple[str, Mapping[str, Any]]] = asyncio.Queue(
            MAX_WAITING_REPORTS
        )

    def __call__(self, change: StateChange) -> None:
        self._put(self._url, asdict(change))

    def report_error(self, error: DevError) -> None:
        """Show an error on the phone page; may be called from any thread."""
        url = urljoin(self._url, STATUS_PATH)
        self._loop.call_soon_threadsafe(self._put, url, {"error": asdict(error)})

    async def run(self) -> None:
        """Post the reports, one after the other, until cancelled."""
        while True:
            url, report = await self._waiting.get()
            try:
                await self._http.post(url, json=report)
            except (httpx.HTTPError, aiohttp.ClientError):
                continue  # the program that listened has gone

    def _put(self, url: str, report: Mapping[str, Any]) -> None:
        if not self._waiting.full():
            self._waiting.put_nowait((url, report))

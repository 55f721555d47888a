"""Webhooks to the bot: signed as Meta signs them, and delivered again until they are taken."""

import asyncio
import hashlib
import hmac
import json
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import aiohttp

from emulator.config import Config

#: Updates in one body (Meta: up to 1,000), and bodies under way at once.
MOST_UPDATES = 1000
AT_ONCE = 8
#: Updates waiting for a bot that does not answer; the oldest are dropped beyond that.
MOST_WAITING = 200_000
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
SLOWEST_ANSWER = aiohttp.ClientTimeout(total=20)


class Poster(Protocol):
    """Sends a body to the callback URL; returns the HTTP status, or raises OSError."""

    async def __call__(self, body: bytes, headers: dict[str, str]) -> int: ...


def sign(body: bytes, secret: str) -> dict[str, str]:
    digest = hmac.digest(secret.encode(), body, hashlib.sha256).hex()
    return {"X-Hub-Signature-256": f"sha256={digest}", "Content-Type": "application/json"}


class Webhooks:
    """Queues the updates of one number, and posts them in order; several when they pile up."""

    def __init__(
        self,
        config: Config,
        post: Poster,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._config = config
        self._post = post
        self._sleep = sleep
        self._waiting: deque[dict[str, Any]] = deque(maxlen=MOST_WAITING)
        self._posting: set[asyncio.Task[None]] = set()

    def send(self, value: dict[str, Any]) -> None:
        """Queue one update: the `value` of a change, without its metadata."""
        self._waiting.append(value)
        if len(self._posting) < AT_ONCE:
            task = asyncio.create_task(self._post_waiting())
            self._posting.add(task)
            task.add_done_callback(self._posting.discard)

    async def idle(self) -> None:
        """Wait until everything is delivered."""
        while self._posting:
            await asyncio.gather(*self._posting)

    async def _post_waiting(self) -> None:
        while self._waiting:
            # With a backlog, share it between the bodies under way.
            count = max(1, min(MOST_UPDATES, len(self._waiting) // AT_ONCE))
            values = [self._waiting.popleft() for _ in range(min(count, len(self._waiting)))]
            await self._deliver(self._body(values))

    async def _deliver(self, body: bytes) -> None:
        headers = sign(body, self._config.app_secret)
        pause = FIRST_PAUSE
        while True:
            try:
                if await self._post(body, headers) == 200:
                    return
            except (OSError, aiohttp.ClientError, TimeoutError):
                pass  # the bot is being restarted, or stalls: like any other refusal
            await self._sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _body(self, values: list[dict[str, Any]]) -> bytes:
        metadata = {
            "display_phone_number": self._config.display_phone_number,
            "phone_number_id": self._config.phone_number_id,
        }
        changes = [
            {
                "field": "messages",
                "value": {"messaging_product": "whatsapp", "metadata": metadata, **value},
            }
            for value in values
        ]
        entry = {"id": self._config.business_account_id, "changes": changes}
        # ASCII: Meta signs bodies in which other characters are escaped.
        return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


class HttpPoster:
    """Posts over HTTP, with one session for all."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, body: bytes, headers: dict[str, str]) -> int:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=SLOWEST_ANSWER)
        async with self._session.post(self._url, data=body, headers=headers) as answer:
            await answer.read()
            return answer.status

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

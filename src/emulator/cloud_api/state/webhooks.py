"""Webhooks to the bot: signed as Meta signs them, and delivered again until they are taken."""

import asyncio
import hashlib
import hmac
import json
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import aiohttp

from emulator.cloud_api.config import Config
from emulator.cloud_api.state.bot_status import BotStatus
from emulator.cloud_api.state.chaos import Dice
from emulator.cloud_api.state.traffic_log import Exchanges

#: Updates in one body (Meta: up to 1,000).
MOST_UPDATES = 1000
#: Bodies under way at once.
LINES = 16
#: Updates of a line that wait for a bot that does not answer; beyond that the oldest are lost.
MOST_WAITING = 20_000
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
#: What these tell begins with which number it is about.
WITH_METADATA = frozenset({"messages", "calls", "user_preferences"})
SLOWEST_ANSWER = aiohttp.ClientTimeout(total=20)

#: {"field", "value"}
Change = dict[str, Any]


class Poster(Protocol):
    """Sends a body to the callback URL; returns the HTTP status, or raises OSError."""

    async def __call__(self, body: bytes, headers: dict[str, str]) -> int: ...


def sign(body: bytes, secret: str) -> dict[str, str]:
    digest = hmac.digest(secret.encode(), body, hashlib.sha256).hex()
    return {"X-Hub-Signature-256": f"sha256={digest}", "Content-Type": "application/json"}


class Webhooks:
    """Queues the updates of one number and posts them; several in one body when they pile up.

    What concerns one person stays in order. (Meta promises none; its webhooks mostly keep it.)
    """

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
        #: what goes wrong on purpose
        self.dice = Dice()
        #: set by the account, which keeps them
        self.exchanges: Exchanges | None = None
        #: set by the account, which shows it
        self.bot: BotStatus | None = None
        self._queues: list[deque[tuple[str, Change]]] = [
            deque(maxlen=MOST_WAITING) for _ in range(LINES)
        ]
        self._metadata = {
            "display_phone_number": config.display_phone_number,
            "phone_number_id": config.phone_number_id,
        }
        self._posting: dict[int, asyncio.Task[None]] = {}

    def send(self, about: str, value: dict[str, Any], *, field: str = "messages") -> None:
        """Queue one update about a person: the `value` of a change, without its metadata."""
        line = hash(about) % LINES
        if "statuses" in value and self.dice.hits("no_status"):
            return
        if field in WITH_METADATA:
            value = {"messaging_product": "whatsapp", "metadata": self._metadata, **value}
        update = about, {"field": field, "value": value}
        self._enqueue(line, update)
        if self.dice.hits("duplicate"):
            self._enqueue(line, update)
        if line not in self._posting:
            self._posting[line] = asyncio.create_task(self._post_all(line))

    def _enqueue(self, line: int, update: tuple[str, Change]) -> None:
        queue = self._queues[line]
        if queue and self.dice.hits("reorder"):
            queue.insert(self.dice.place(len(queue)), update)
        else:
            queue.append(update)

    async def idle(self) -> None:
        """Wait until everything is delivered."""
        while self._posting:
            await asyncio.gather(*self._posting.values())

    async def _post_all(self, line: int) -> None:
        queue = self._queues[line]
        while queue:
            updates = [queue.popleft() for _ in range(min(len(queue), MOST_UPDATES))]
            body = self._body([change for _, change in updates])
            if late := self.dice.seconds("delay"):
                await self._sleep(late)
            await self._deliver(body, [about for about, _ in updates])
        del self._posting[line]

    async def _deliver(self, body: dict[str, Any], about: Sequence[str]) -> None:
        pause = FIRST_PAUSE
        while await self.repeat(body, about) != 200:
            await self._sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def repeat(self, body: Any, about: Sequence[str]) -> int | None:
        """Post a body once; returns the HTTP status, None without an answer."""
        # ASCII: Meta signs bodies in which other characters are escaped.
        raw = json.dumps(body).encode()
        began = time.perf_counter()
        try:
            status: int | None = await self._post(raw, sign(raw, self._config.app_secret))
        except (OSError, aiohttp.ClientError, TimeoutError):
            status = None  # the bot is being restarted, or stalls: like any other refusal
        if self.bot is not None:
            self.bot.note_delivery(is_answered=status is not None)
        if self.exchanges is not None:
            took = (time.perf_counter() - began) * 1000
            url = self._config.callback_url
            self.exchanges.add(
                "webhook",
                "POST",
                url,
                wa_ids=about,
                status=status,
                milliseconds=round(took, 1),
                request=body,
            )
        return status

    def _body(self, changes: list[Change]) -> dict[str, Any]:
        entry = {"id": self._config.business_account_id, "changes": changes}
        return {"object": "whatsapp_business_account", "entry": [entry]}


class HttpPoster:
    """Posts over HTTP, with one session for all, once the callback URL proved to be ours."""

    def __init__(self, url: str, verify_token: str) -> None:
        self._url = url
        self._verify_token = verify_token
        self._session: aiohttp.ClientSession | None = None
        self._is_verified = False

    async def __call__(self, body: bytes, headers: dict[str, str]) -> int:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=SLOWEST_ANSWER)
        if not self._is_verified:
            await self._verify(self._session)
        async with self._session.post(self._url, data=body, headers=headers) as answer:
            await answer.read()
            return answer.status

    async def _verify(self, session: aiohttp.ClientSession) -> None:
        """Meta's handshake: whoever answers knows our token, and echoes the challenge."""
        challenge = secrets.token_hex()
        asked = {
            "hub.mode": "subscribe",
            "hub.verify_token": self._verify_token,
            "hub.challenge": challenge,
        }
        async with session.get(self._url, params=asked) as answer:
            if answer.status != 200 or await answer.text() != challenge:
                raise ConnectionError("the callback URL did not echo the challenge")
        self._is_verified = True

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

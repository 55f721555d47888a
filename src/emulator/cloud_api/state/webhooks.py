"""Webhooks to the bot: signed as Meta signs them, and repeated until answered with 200."""

import asyncio
import hashlib
import hmac
import json
import time
import zlib
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, ClassVar, Protocol

import aiohttp

from emulator.cloud_api.config import Config
from emulator.cloud_api.state.bot_status import BotStatus
from emulator.cloud_api.state.chaos import FaultInjector
from emulator.cloud_api.state.traffic_log import TrafficLog

#: Updates in one body (Meta: 1,000).
MAX_UPDATES_PER_BODY = 1000
#: Bodies that are posted at the same time.
PARALLEL_BODIES = 16
#: Updates in one queue for a bot that does not answer; the oldest go first.
MAX_WAITING_UPDATES = 20_000
MIN_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 0.2, 30.0
#: Between two looks whether a bot that was away listens again.
LOOK_SECONDS = 0.2
#: What receivers have seen; no page of Meta promises it.
USER_AGENT = "facebookexternalua"
#: Fields whose values name the phone number.
WITH_METADATA = frozenset(
    {"messages", "calls", "user_preferences", "smb_message_echoes", "standby"}
)

#: {"field", "value"}
Change = dict[str, Any]


class Poster(Protocol):
    """Sends a body to the callback URL; returns the HTTP status, or raises OSError."""

    async def __call__(self, body: bytes, headers: dict[str, str]) -> int: ...


def sign(body: bytes, secret: str) -> dict[str, str]:
    digest = hmac.digest(secret.encode(), body, hashlib.sha256).hex()
    return {
        "X-Hub-Signature-256": f"sha256={digest}",
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
    }


class WebhookSender:
    """Queues the updates of one number and posts them; several in one body when they pile up.

    What concerns one person stays in order. (Meta promises none; its webhooks mostly keep it.)
    """

    NOT_KEPT: ClassVar = frozenset(
        {
            "_config",
            "_post",
            "_listens",
            "_sleep",
            "fault_injector",
            "traffic_log",
            "clock",
            "bot",
            "_metadata",
            "_posting",
            "overrides",
            "_elsewhere",
        }
    )

    def __init__(
        self,
        config: Config,
        post: Poster,
        *,
        listens: Callable[[], Awaitable[bool]] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._config = config
        self._post = post
        #: whether something listens at the callback URL; None: nobody can know
        self._listens = listens
        self._sleep = sleep
        #: faults on purpose
        self.fault_injector = FaultInjector()
        #: log of deliveries, set by the account
        self.traffic_log: TrafficLog | None = None
        #: seconds since 1970, set by the account
        self.clock: Callable[[], float] = time.time
        #: status of the bot, set by the account
        self.bot: BotStatus | None = None
        self._queues: list[deque[tuple[str, Change]]] = [
            deque(maxlen=MAX_WAITING_UPDATES) for _ in range(PARALLEL_BODIES)
        ]
        #: updates that are being posted, by queue
        self._delivering: dict[int, list[tuple[str, Change]]] = {}
        self._metadata = {
            "display_phone_number": config.display_phone_number,
            "phone_number_id": config.phone_number_id,
        }
        self._posting: dict[int, asyncio.Task[None]] = {}
        #: URLs in place of the usual one: by phone number id, or for the business account
        self.overrides: dict[str, str] = {}
        self._elsewhere: dict[str, Poster] = {}

    def override(self, object_id: str, url: str, post: Poster) -> None:
        """Send the webhooks of a number, or of the account, to another URL."""
        self.overrides[object_id], self._elsewhere[url] = url, post

    def _url(self, change: Change) -> str:
        """Return where an update goes: the number's own URL, the account's, or the usual one."""
        number = (change["value"].get("metadata") or {}).get("phone_number_id", "")
        account = self.overrides.get(self._config.business_account_id)
        return self.overrides.get(number) or account or self._config.callback_url

    def send(self, about: str, value: dict[str, Any], *, field: str = "messages") -> None:
        """Queue one update about a person: the `value` of a change, without its metadata."""
        line = zlib.crc32(about.encode()) % PARALLEL_BODIES  # the same after a restart
        if "statuses" in value and self.fault_injector.hits("no_status"):
            return
        if field in WITH_METADATA:
            value = {"messaging_product": "whatsapp", "metadata": self._metadata, **value}
        update = about, {"field": field, "value": value}
        self._enqueue(line, update)
        if self.fault_injector.hits("duplicate"):
            self._enqueue(line, update)
        self._begin(line)

    def resume(self) -> None:
        """Post what an earlier run has not; what it was posting may arrive twice."""
        for line, updates in self._delivering.items():
            self._queues[line].extendleft(reversed(updates))
        self._delivering.clear()
        for line, queue in enumerate(self._queues):
            if queue:
                self._begin(line)

    def forget(self, wa_ids: Collection[str]) -> None:
        """Drop the updates about these people that are not posted yet."""
        for queue in self._queues:
            left = [one for one in queue if one[0] not in wa_ids]
            queue.clear()
            queue.extend(left)

    def _begin(self, line: int) -> None:
        if line not in self._posting:
            self._posting[line] = asyncio.create_task(self._post_all(line))

    def _enqueue(self, line: int, update: tuple[str, Change]) -> None:
        queue = self._queues[line]
        if queue and self.fault_injector.hits("reorder"):
            queue.insert(self.fault_injector.place(len(queue)), update)
        else:
            queue.append(update)

    async def idle(self) -> None:
        """Wait until everything is delivered."""
        while self._posting:
            await asyncio.gather(*self._posting.values())

    async def _post_all(self, line: int) -> None:
        queue = self._queues[line]
        while queue:
            self._delivering[line] = updates = self._take(queue)
            body = self._body([change for _, change in updates])
            if late := self.fault_injector.seconds("delay"):
                await self._sleep(late)
            await self._deliver(body, [about for about, _ in updates])
            del self._delivering[line]
        del self._posting[line]

    def _take(self, queue: deque[tuple[str, Change]]) -> list[tuple[str, Change]]:
        """Take the next updates that go to one URL."""
        url, updates = self._url(queue[0][1]), [queue.popleft()]
        while queue and len(updates) < MAX_UPDATES_PER_BODY and self._url(queue[0][1]) == url:
            updates.append(queue.popleft())
        return updates

    async def _deliver(self, body: dict[str, Any], about: Sequence[str]) -> None:
        pause = MIN_PAUSE_SECONDS
        while await self.repeat(body, about) != 200:
            await self._rest(pause)
            pause = min(pause * 2, MAX_PAUSE_SECONDS)

    async def _rest(self, pause: float) -> None:
        """Wait before the next attempt; for a bot that is away, no longer than until it is back."""
        if self._listens is None or await self._listens():
            await self._sleep(pause)
            return
        for _ in range(round(pause / LOOK_SECONDS)):
            await self._sleep(LOOK_SECONDS)
            if await self._listens():
                return

    async def repeat(self, body: Any, about: Sequence[str]) -> int | None:
        """Post a body once; returns the HTTP status, None without an answer."""
        # ASCII: Meta signs bodies in which other characters are escaped.
        raw = json.dumps(body).encode()
        url = self._url_of_body(body)
        began = time.perf_counter()
        try:
            post = self._elsewhere.get(url, self._post)
            status: int | None = await post(raw, sign(raw, self._config.app_secret))
        except (OSError, aiohttp.ClientError, TimeoutError):
            status = None  # the bot is being restarted, or stalls: like any other refusal
        if self.bot is not None:
            self.bot.note_delivery(is_answered=status is not None)
        if self.traffic_log is not None:
            took = (time.perf_counter() - began) * 1000
            self.traffic_log.add(
                "webhook",
                "POST",
                url,
                wa_ids=about,
                status=status,
                milliseconds=round(took, 1),
                request=body,
            )
        return status

    def _url_of_body(self, body: Any) -> str:
        """Return where a body goes, also one that a person edited on the page."""
        try:
            return self._url(body["entry"][0]["changes"][0])
        except (AttributeError, IndexError, KeyError, TypeError):
            return self._config.callback_url

    def _body(self, changes: list[Change]) -> dict[str, Any]:
        entry: dict[str, Any] = {"id": self._config.business_account_id, "changes": changes}
        if any(change["field"] not in WITH_METADATA for change in changes):
            entry["time"] = int(self.clock())
        return {"object": "whatsapp_business_account", "entry": [entry]}

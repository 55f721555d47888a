"""People who write to the bot, and Meta, which delivers each message until it is taken."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any

import aiohttp
from tests.fakes.dev_server import SECRETS
from tests.fakes.web import sign, text_message, webhook
from tests.prove.answers import TIMED_OUT
from tests.prove.history import History, Kind, Message

#: Messages of one person: fewer than Meta's limit for messages to one person without a pause.
MAX_MESSAGES = 30
#: Forms of one person, each with four messages of the bot; of more, the bot sees a machine.
MAX_FORMS = 5
#: Longest wait for an answer to a POST.
PATIENCE = aiohttp.ClientTimeout(total=5)
RETRY_SECONDS = 0.2
#: Pause of a person between two messages.
PAUSE_SECONDS = (0.0, 0.8)
#: Longest time until a webhook that was taken is delivered again.
REDELIVERED_WITHIN_SECONDS = 5.0
#: Of messages: so many are delivered again, and so many twice at the same time.
REDELIVERED, TWICE_AT_ONCE = 0.15, 0.1

#: What one person says, from the beginning to the end.
Says = Callable[[str, Random], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many people write at the same time, and what."""

    counting: int = 12
    in_forms: int = 3
    #: Share of each kind of message; the rest are counts.
    slow: float = 0.1
    flaky: float = 0.02
    poison: float = 0.0


class People:
    """Everybody who writes. Who has said enough is followed by somebody new."""

    def __init__(self, history: History, ports: Sequence[int], crowd: Crowd, seed: int) -> None:
        self._history = history
        self._ports = ports
        self._crowd = crowd
        self._seed = seed
        self._persons = 1000  # 15550000001 is the number of the bot
        self._tasks: set[asyncio.Task[None]] = set()
        self._leaving = False

    def begin(self) -> None:
        """Let everybody write, until `leave` or `abandon`."""
        self._leaving = False
        self._session = aiohttp.ClientSession(timeout=PATIENCE)
        for place in range(self._crowd.counting + self._crowd.in_forms):
            says = self._fill_in if place >= self._crowd.counting else self._count
            self._spawn(self._one_after_the_other(says))

    async def leave(self) -> None:
        """Let everybody end the message that they are at."""
        self._leaving = True
        while self._tasks:
            await asyncio.gather(*self._tasks)
        await self._session.close()

    async def abandon(self) -> None:
        """Stop in the middle of everything: what was not acknowledged is not delivered again."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _one_after_the_other(self, says: Says) -> None:
        while not self._leaving:
            self._persons += 1
            person = f"1555{self._persons:07}"
            await says(person, Random(f"{self._seed} {person}"))

    async def _count(self, person: str, chance: Random) -> None:
        for number in range(1, MAX_MESSAGES + 1):
            if self._leaving:
                return
            await self._write(Message(person, number, self._kind(chance), time.monotonic()), chance)
            await asyncio.sleep(chance.uniform(*PAUSE_SECONDS))

    async def _fill_in(self, person: str, chance: Random) -> None:
        """Begin a form, wait until it has timed out, and begin it again."""
        for number in range(1, MAX_FORMS + 1):
            if self._leaving:
                return
            await self._write(Message(person, number, Kind.FORM, time.monotonic()), chance)
            # of another process: it does not tell this loop
            while self._timed_out(person) < number and not self._leaving:  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    def _timed_out(self, person: str) -> int:
        heard = {each for each in self._history.arrivals if each.person == person}
        return len({each.delivery for each in heard if each.text == TIMED_OUT})

    def _kind(self, chance: Random) -> Kind:
        crowd = self._crowd
        others = (Kind.SLOW, Kind.FLAKY, Kind.POISON, Kind.COUNT)
        shares = (crowd.slow, crowd.flaky, crowd.poison)
        [kind] = chance.choices(others, weights=(*shares, 1 - sum(shares)))
        return kind

    async def _write(self, message: Message, chance: Random) -> None:
        """Deliver a message until it is acknowledged, and perhaps again, as Meta does."""
        self._history.messages.append(message)
        body, web = _body(message), chance.randrange(len(self._ports))
        if chance.random() < TWICE_AT_ONCE:
            self._spawn(self._again(body, message, web, 0.0))
        while not await self._post(body, message, web):
            web += 1
            await asyncio.sleep(RETRY_SECONDS)
        if chance.random() < REDELIVERED:
            pause = chance.uniform(0, REDELIVERED_WITHIN_SECONDS)
            self._spawn(self._again(body, message, web + 1, pause))

    async def _again(self, body: bytes, message: Message, web: int, pause: float) -> None:
        await asyncio.sleep(pause)
        await self._post(body, message, web)

    async def _post(self, body: bytes, message: Message, web: int) -> bool:
        url = f"http://127.0.0.1:{self._ports[web % len(self._ports)]}/webhook"
        headers = {"X-Hub-Signature-256": sign(body, SECRETS["WHATSAPP_APP_SECRET"])}
        message.posts += 1
        with suppress(aiohttp.ClientError, TimeoutError):
            async with self._session.post(url, data=body, headers=headers) as answer:
                if answer.status == 200:
                    message.acknowledged_at = message.acknowledged_at or time.monotonic()
                    return True
        self._history.refused += 1
        return False


def _body(message: Message) -> bytes:
    words = "register" if message.kind is Kind.FORM else f"{message.kind} {message.number}"
    wamid = f"wamid.{message.person}.{message.number}"
    sent = text_message(wamid, words, message.person) | {"timestamp": str(int(time.time()))}
    return json.dumps(webhook(sent)).encode()

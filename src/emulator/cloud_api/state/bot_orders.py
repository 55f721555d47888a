"""What a bot in development takes from the emulator: its clock, and people who start afresh."""

import asyncio
from collections.abc import Sequence
from typing import Any, ClassVar

from emulator.clock import MovableClock


class BotOrders:
    """Orders that wait until the bot has carried them out, and the clock that it follows."""

    NOT_KEPT: ClassVar = frozenset({"_clock", "_changed", "_asked"})

    def __init__(self, clock: MovableClock) -> None:
        self._clock = clock
        self._count = 0
        #: identifiers of people to forget, by the number of the order; None is everyone
        self._waiting: dict[int, Sequence[str] | None] = {}
        #: questions of pages about a person, by wa_id: what the bot gets, and the answer
        self._asked: dict[str, tuple[dict[str, Any], asyncio.Future[Any]]] = {}
        self._changed = asyncio.Event()

    def shown(self) -> dict[str, Any]:
        """Return "ahead", in seconds, and what waits: "forget" people, "show" people."""
        forget = [{"number": number, "people": one} for number, one in self._waiting.items()]
        show = [question for question, _ in self._asked.values()]
        return {"ahead": self._clock.ahead, "forget": forget, "show": show}

    async def news(self, known: object, seconds: float) -> dict[str, Any]:
        """Return the orders once they are not the `known` ones any more, or after a time."""
        changed = self._changed
        if self.shown() == known:
            await _wait(changed, seconds)
        return self.shown()

    def tell(self) -> None:
        """Wake whoever waits for news."""
        self._changed.set()
        self._changed = asyncio.Event()

    def forget(self, people: Sequence[str] | None) -> int:
        """Have the bot forget the person of these identifiers, or everyone; return the number."""
        self._count += 1
        self._waiting[self._count] = people
        self.tell()
        return self._count

    def people(self, number: int) -> Sequence[str] | None:
        """Return the identifiers of an order that waits; None for everyone."""
        return self._waiting.get(number)

    def done(self, number: int) -> None:
        """The bot has carried out an order."""
        self._waiting.pop(number, None)
        self.tell()

    async def ask(self, wa_id: str, people: Sequence[str], seconds: float) -> Any:
        """Return what the bot knows of a person; None if it does not say so in time."""
        if wa_id not in self._asked:
            self._count += 1  # so that a question that is asked again is news
            question = {"wa_id": wa_id, "people": people, "number": self._count}
            self._asked[wa_id] = question, asyncio.get_running_loop().create_future()
            self.tell()
        answer = self._asked[wa_id][1]
        try:
            return await asyncio.wait_for(asyncio.shield(answer), seconds)
        except TimeoutError:
            self._asked.pop(wa_id, None)
            return None

    def answer(self, wa_id: str, known: Any) -> None:
        """Give what the bot knows to whoever asked."""
        _, answer = self._asked.pop(wa_id, ({}, None))
        if answer is not None and not answer.done():
            answer.set_result(known)
        self.tell()

    async def is_done(self, number: int, seconds: float) -> bool:
        """Wait for an order; return False if the bot has not carried it out in time."""
        try:
            async with asyncio.timeout(seconds):
                while number in self._waiting:
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True


async def _wait(changed: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(changed.wait(), seconds)
    except TimeoutError:
        return

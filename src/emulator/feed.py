"""What happens in the emulator, as a stream that pages follow."""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

#: Events that a page can catch up on after it was away.
KEPT_EVENTS = 2_000


class Feed:
    """Events numbered from 1; the oldest are forgotten."""

    def __init__(self) -> None:
        self.last = 0
        #: tells our numbers from those of an emulator that ran before
        self._run = secrets.token_hex(4)
        self._is_open = True
        self._events: deque[tuple[int, dict[str, Any]]] = deque(maxlen=KEPT_EVENTS)
        self._changed = asyncio.Event()

    def publish(self, event: dict[str, Any]) -> None:
        self.last += 1
        self._events.append((self.last, event))
        self._changed.set()
        self._changed = asyncio.Event()

    def place(self, number: int) -> str:
        """An event, as pages name the last one that they saw."""
        return f"{self._run}.{number}"

    def number_of(self, place: str) -> int | None:
        """Of a place, or of a number alone; None when it is none of ours."""
        run, _, number = place.rpartition(".")
        if run not in ("", self._run) or not number.isdecimal() or int(number) > self.last:
            return None
        return int(number)

    async def since(self, number: int) -> AsyncIterator[tuple[int, dict[str, Any]]]:
        """Every event after this one, until the feed is closed."""
        while self._is_open:
            changed = self._changed
            for place, event in [one for one in self._events if one[0] > number]:
                number = place
                yield place, event
            await changed.wait()

    def close(self) -> None:
        """Nobody has to wait for more."""
        self._is_open = False
        self._changed.set()

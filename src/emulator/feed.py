"""Events of the emulator, which pages follow."""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

#: Events kept for pages that connect again.
MAX_KEPT_EVENTS = 2_000


class Feed:
    """Events numbered from 1; the oldest are forgotten."""

    def __init__(self) -> None:
        self.last = 0
        #: prefix of event ids, different in each run of the emulator
        self._run = secrets.token_hex(4)
        self._is_open = True
        self._events: deque[tuple[int, dict[str, Any]]] = deque(maxlen=MAX_KEPT_EVENTS)
        self._changed = asyncio.Event()

    def publish(self, event: dict[str, Any]) -> None:
        self.last += 1
        self._events.append((self.last, event))
        self._changed.set()
        self._changed = asyncio.Event()

    def place(self, number: int) -> str:
        """Return the id of an event, by which a page names the last one it saw."""
        return f"{self._run}.{number}"

    def number_of(self, place: str) -> int | None:
        """Return the number in an event id, or a number alone; None for an id of another run."""
        run, _, number = place.rpartition(".")
        if run not in ("", self._run) or not number.isdecimal() or int(number) > self.last:
            return None
        return int(number)

    async def since(self, number: int) -> AsyncIterator[tuple[int, dict[str, Any]]]:
        """Yield every event after this one, until the feed is closed."""
        while self._is_open:
            changed = self._changed
            for place, event in [one for one in self._events if one[0] > number]:
                number = place
                yield place, event
            await changed.wait()

    def close(self) -> None:
        """End the streams of all pages."""
        self._is_open = False
        self._changed.set()

"""Meta's two speed limits: so many messages a second per number, and per pair of people."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lanes.model import Json
from storage.budgets import hold_back, reserve
from storage.group_commit import GroupCommit, Work

#: One message in six seconds to one person, after a burst of 45 (Meta: pair rate limits).
PAIR_INTERVAL = timedelta(seconds=6)
PAIR_BURST = 45

#: Meta counts what arrives, not what leaves: stay a little below the limit.
MARGIN = 0.95
#: Places that are reserved at once; more would be lost when a process dies.
RESERVED_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class PairLimit:
    """How much one person was sent lately: the moment when it would all be paid off."""

    paid_off_at: float = 0.0

    @classmethod
    def load(cls, state: Mapping[str, Json]) -> "PairLimit":
        return cls(float(state.get("paid_off_at", 0.0)))

    def wait(self, now: datetime) -> timedelta:
        """For how long the next message must wait; zero or less: it may go."""
        room = PAIR_INTERVAL * (PAIR_BURST - 1)
        return timedelta(seconds=self.paid_off_at - now.timestamp()) - room

    def after_sending(self, now: datetime) -> Mapping[str, Json]:
        """The state to store once a message went."""
        since = max(self.paid_off_at, now.timestamp())
        return {"paid_off_at": since + PAIR_INTERVAL.total_seconds()}


class NumberPace:
    """Lets the messages of one number pass at its speed, for all processes together."""

    def __init__(
        self,
        database: GroupCommit,
        phone_number_id: str,
        per_second: float,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database = database
        self._name = f"send:{phone_number_id}"
        self._per_second = per_second * MARGIN
        self._block = max(1, int(self._per_second * RESERVED_SECONDS))
        self._sleep = sleep
        self._places: list[float] = []
        self._lock = asyncio.Lock()

    async def next_place(self) -> None:
        """Wait for our turn."""
        async with self._lock:
            if not self._places:
                self._places = await self._reserve()
            place = self._places.pop()
        wait = place - asyncio.get_running_loop().time()
        if wait > 0:
            await self._sleep(wait)

    async def hold_back(self, after: timedelta) -> None:
        """Let nobody pass for a while: Meta says that we are too fast."""
        seconds = after.total_seconds()
        await self._database.submit(
            Work(lambda connection, now: hold_back(connection, now, self._name, seconds=seconds))
        )

    async def _reserve(self) -> list[float]:
        """The next places of the line, last one first."""
        count, speed, name = self._block, self._per_second, self._name
        ahead = await self._database.submit(
            Work(
                lambda connection, now: reserve(
                    connection, now, name, count=count, per_second=speed
                )
            )
        )
        first = asyncio.get_running_loop().time() + ahead
        return [first + place / speed for place in reversed(range(count))]

"""Meta's two speed limits: so many messages a second per number, and per pair of people."""

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.json import JsonValue
from storage.engine.group_commit import GroupCommit, Transaction
from storage.tables.rate_limits import ReserveSlots, block_until

#: One message in six seconds to one person, after a burst of 45 (Meta: pair rate limits).
PAIR_INTERVAL = timedelta(seconds=6)
MAX_PAIR_BURST = 45

#: Meta counts what arrives, not what leaves: stay a little below the limit.
USED_SHARE = 0.95
#: Places that are reserved at once; more would be lost when a process dies.
RESERVATION_SECONDS = 0.05
#: Who comes later to a place of theirs takes another: catching up would be a burst too fast.
TIMER_SLACK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class PairLimit:
    """How much one person was sent lately: the moment when it would all be paid off."""

    paid_off_at: float = 0.0

    @classmethod
    def load(cls, state: Mapping[str, JsonValue]) -> "PairLimit":
        return cls(float(state.get("paid_off_at", 0.0)))

    def wait(self, now: datetime) -> timedelta:
        """For how long the next message must wait; zero or less: it may go."""
        room = PAIR_INTERVAL * (MAX_PAIR_BURST - 1)
        return timedelta(seconds=self.paid_off_at - now.timestamp()) - room

    def after_sending(self, now: datetime) -> Mapping[str, JsonValue]:
        """The state to store once a message went."""
        since = max(self.paid_off_at, now.timestamp())
        return {"paid_off_at": since + PAIR_INTERVAL.total_seconds()}


class NumberRateLimiter:
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
        self._per_second = per_second * USED_SHARE
        self._block = max(1, int(self._per_second * RESERVATION_SECONDS))
        self._sleep = sleep
        self._places = Slots()
        #: who came when no place was left, in order
        self._line: deque[asyncio.Future[float]] = deque()
        self._serving: asyncio.Task[None] | None = None

    async def acquire(self) -> None:
        """Wait for our turn."""
        place = -math.inf
        while place < self._earliest():
            place = await self._take_place()
            if (wait := place - self._now()) > 0:
                await self._sleep(wait)

    async def _take_place(self) -> float:
        if not self._line and (place := self._places.next(self._earliest())) is not None:
            return place
        mine: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._line.append(mine)
        if self._serving is None or self._serving.done():
            self._serving = asyncio.create_task(self._serve_line())
        return await mine

    async def _serve_line(self) -> None:
        """Reserve places until everybody who waits has one; all of them go on at once."""
        try:
            while self._line:
                if self._line[0].done():  # given up meanwhile
                    self._line.popleft()
                elif (place := self._places.next(self._earliest())) is not None:
                    self._line.popleft().set_result(place)
                else:
                    self._places = await self._reserve()
        except Exception as error:  # noqa: BLE001 - those who wait learn of it
            while self._line:
                first = self._line.popleft()
                if not first.done():
                    first.set_exception(error)

    def _earliest(self) -> float:
        return self._now() - TIMER_SLACK_SECONDS

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    async def block_until(self, after: timedelta) -> None:
        """Let nobody pass for a while: Meta says that we are too fast."""
        seconds = after.total_seconds()
        await self._database.submit(
            Transaction(
                lambda connection, now: block_until(connection, now, self._name, seconds=seconds)
            )
        )

    async def _reserve(self) -> "Slots":
        count, speed = self._block, self._per_second
        ahead = await self._database.submit(ReserveSlots(self._name, count, speed))
        return Slots(self._now() + ahead, speed, left=range(count))


@dataclass(slots=True)
class Slots:
    """Places of the line that are ours: at even distances, from a moment of the loop's clock."""

    first: float = 0.0
    per_second: float = 1.0
    left: range = range(0)

    def next(self, earliest: float) -> float | None:
        """Take the first one that is not too far in the past; None if there is none."""
        passed = math.ceil((earliest - self.first) * self.per_second)
        self.left = self.left[max(0, passed - self.left.start) :]
        if not self.left:
            return None
        place = self.first + self.left.start / self.per_second
        self.left = self.left[1:]
        return place

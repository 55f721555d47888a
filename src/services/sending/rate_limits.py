"""Meta's two rate limits: messages a second from one number, and messages to one person."""

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from jobs.model import LaneState, Priority, UnreadableState
from storage.engine.group_commit import GroupCommit, Transaction
from storage.tables.rate_limits import ReserveSlots, block_until

#: Pause between messages to one person after a burst (Meta: pair rate limits).
PAIR_INTERVAL = timedelta(seconds=6)
#: Most messages to one person without a pause.
MAX_PAIR_BURST = 45
#: How far ahead the limit may be paid off when one more message goes.
PAIR_ROOM = PAIR_INTERVAL * (MAX_PAIR_BURST - 1)

#: Share of the limit that is used: Meta counts at arrival, so messages may bunch on the way.
USED_SHARE = 0.95
#: Time for which slots are reserved at once, in seconds. A process that dies loses them.
RESERVATION_SECONDS = 0.05
#: Most callers that get slots at the same time, as a number of such reservations. Slots are handed
#: out in order, so this is how far ahead they are taken, and the share of each priority.
RESERVATIONS = {Priority.HIGH: 8, Priority.LOW: 2}
#: Age, in seconds, at which a slot is skipped: catching up would exceed the limit.
TIMER_SLACK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class PairLimit:
    """The pair limit of one person: when the messages sent so far no longer count.

    `paid_off_at` is in seconds since 1970; it grows by PAIR_INTERVAL with each message.
    """

    paid_off_at: float = 0.0

    @classmethod
    def load(cls, state: LaneState) -> "PairLimit":
        """Read the limit from the state of a lane. Raise UnreadableState."""
        paid_off_at = state.get("paid_off_at", 0.0)
        if not isinstance(paid_off_at, int | float) or not math.isfinite(paid_off_at):
            raise UnreadableState(["paid_off_at"])
        return cls(paid_off_at)

    def wait(self, now: datetime) -> timedelta:
        """Return how long the next message must wait; zero or less if it may go.

        A limit further ahead than a whole burst was stored by a clock that was ahead. The message
        goes, and what `after_sending` returns is right again.
        """
        if self.paid_off_at > (now + PAIR_ROOM + PAIR_INTERVAL).timestamp():
            return timedelta(0)
        return timedelta(seconds=self.paid_off_at - now.timestamp()) - PAIR_ROOM

    def after_sending(self, now: datetime) -> LaneState:
        """Return the state to store after sending a message."""
        since = min(max(self.paid_off_at, now.timestamp()), (now + PAIR_ROOM).timestamp())
        return {"paid_off_at": since + PAIR_INTERVAL.total_seconds()}


class NumberRateLimiter:
    """Limits the messages a second of one number, for all processes together."""

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
        self._admitted = {
            priority: asyncio.Semaphore(self._block * blocks)
            for priority, blocks in RESERVATIONS.items()
        }
        self._slots = Slots()
        #: Callers that wait for a slot, in order.
        self._waiting: deque[asyncio.Future[float]] = deque()
        self._serving: asyncio.Task[None] | None = None

    async def acquire(self, priority: Priority = Priority.HIGH) -> None:
        """Wait for a slot in which a message may be sent."""
        async with self._admitted[priority]:
            slot = -math.inf
            while slot < self._earliest():
                slot = await self._take_slot()
                if (wait := slot - self._now()) > 0:
                    await self._sleep(wait)

    async def _take_slot(self) -> float:
        if not self._waiting and (slot := self._slots.next(self._earliest())) is not None:
            return slot
        mine: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        if self._serving is None or self._serving.done():
            self._serving = asyncio.create_task(self._serve_waiting())
        return await mine

    async def _serve_waiting(self) -> None:
        """Reserve slots until every caller that waits has one."""
        try:
            while self._waiting:
                if self._waiting[0].done():  # given up meanwhile
                    self._waiting.popleft()
                elif (slot := self._slots.next(self._earliest())) is not None:
                    self._waiting.popleft().set_result(slot)
                else:
                    self._slots = await self._reserve()
        except Exception as error:  # noqa: BLE001 - raised in every caller that waits
            while self._waiting:
                first = self._waiting.popleft()
                if not first.done():
                    first.set_exception(error)

    def _earliest(self) -> float:
        return self._now() - TIMER_SLACK_SECONDS

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    async def block_until(self, after: timedelta) -> None:
        """Send nothing for a while, in any process, after Meta refused a message as too fast."""
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
    """Reserved slots at even distances. `first` is a time of the event loop, in seconds."""

    first: float = 0.0
    per_second: float = 1.0
    left: range = range(0)

    def next(self, earliest: float) -> float | None:
        """Take the first slot that is not before `earliest`; None if no slot is left."""
        passed = math.ceil((earliest - self.first) * self.per_second)
        self.left = self.left[max(0, passed - self.left.start) :]
        if not self.left:
            return None
        slot = self.first + self.left.start / self.per_second
        self.left = self.left[1:]
        return slot

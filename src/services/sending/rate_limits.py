"""Meta's two rate limits: messages a second from one number, and messages to one person."""

import asyncio
import math
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from jobs.model import LaneState, Priority, UnreadableState
from services.sending.send_window import JITTER_SECONDS, SendWindow
from storage.engine.group_commit import GroupCommit, Transaction
from storage.tables.rate_limits import block_until
from storage.tables.rate_shares import VALID_SECONDS, TakeShare

#: Pause between messages to one person after a burst (Meta: pair rate limits).
PAIR_INTERVAL = timedelta(seconds=6)
#: Most messages to one person without a pause.
MAX_PAIR_BURST = 45
#: How far ahead the limit may be paid off when one more message goes.
PAIR_ROOM = PAIR_INTERVAL * (MAX_PAIR_BURST - 1)

#: Time between two renewals of a share, and while a process wants more than it has, in seconds.
RENEW_SECONDS, SHORT_SECONDS = 0.25, 0.1
#: Part of the limit that a process asks for in advance: 1 of so many.
SPARE_PART = 20
#: One of so many messages is the next one of low priority, if any waits.
SENDS_PER_LOW_FIRST = 5


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
    """Limits the messages a second of one number, for all processes together.

    A process holds a share of the limit, and renews it while messages wait. Messages of high
    priority go first, but for a part of all: so the others always go on.
    """

    def __init__(
        self,
        database: GroupCommit,
        phone_number_id: str,
        per_second: float,
        *,
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database = database
        self._name = f"send:{phone_number_id}"
        self._owner = uuid.uuid4().hex[:12]
        self._limit = max(1, int(per_second))
        self._window = SendWindow(max(1.0, self._limit / per_second) + JITTER_SECONDS)
        self._clock = clock
        self._sleep = sleep
        #: Callers that wait, in order, by their priority.
        self._waiting: Mapping[Priority, Waiters] = {one: deque() for one in Priority}
        self._count = 0
        self._serving: asyncio.Task[None] | None = None
        self._renewing: asyncio.Task[None] | None = None
        self._renew_at = 0.0

    async def acquire(self, priority: Priority = Priority.HIGH) -> None:
        """Wait until a message may be sent: now."""
        while not await self._was_admitted_in_time(priority):
            pass  # the process stalled in between

    async def _was_admitted_in_time(self, priority: Priority) -> bool:
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[priority].append(mine)
        if self._serving is None or self._serving.done():
            self._serving = asyncio.create_task(self._serve_waiting())
        begins = False
        try:
            await mine
        finally:
            if mine.done() and not mine.cancelled() and mine.exception() is None:
                begins = self._window.begin(self._now())
        return begins

    async def block_until(self, after: timedelta) -> None:
        """Send nothing for a while, in any process, after Meta refused a message as too fast."""
        self._window.share_until(0.0, 0, 0.0)
        self._renew_at = self._now() + RENEW_SECONDS
        seconds = after.total_seconds()
        await self._database.submit(
            Transaction(
                lambda connection, now: block_until(connection, now, self._name, seconds=seconds)
            )
        )
        self._window.share_until(0.0, 0, 0.0)  # one that was taken meanwhile
        self._renew_at = 0.0

    async def _serve_waiting(self) -> None:
        """Let all callers that wait go, each in its turn."""
        try:
            while (first := self._first()) is not None or self._renewing is not None:
                await self._keep_share(is_needed=first is not None)
                if first is None:
                    continue
                if self._window.wait(now := self._now()) == 0.0:
                    self._window.admit(now)
                    self._count += 1
                    first.popleft().set_result(None)
                else:
                    await self._sleep(self._pause())
        except Exception as error:  # noqa: BLE001 - raised in every caller that waits
            while (first := self._first()) is not None:
                first.popleft().set_exception(error)

    def _first(self) -> "Waiters | None":
        """Return the queue whose turn it is, with a caller that still waits at its head."""
        is_turn_of_low = self._count % SENDS_PER_LOW_FIRST == 0
        for priority in sorted(Priority, reverse=is_turn_of_low):
            waiters = self._waiting[priority]
            while waiters and waiters[0].done():  # given up meanwhile
                waiters.popleft()
            if waiters:
                return waiters
        return None

    def _pause(self) -> float:
        now = self._now()
        wait = self._window.wait(now)
        until_renewal = max(self._renew_at - now, 0.001)
        return until_renewal if wait is None else min(wait, until_renewal)

    async def _keep_share(self, *, is_needed: bool) -> None:
        """Renew the share when it is time; wait for it only if there is none, or at the end."""
        if self._renewing is None and is_needed and self._now() >= self._renew_at:
            self._renewing = asyncio.create_task(self._renew())
        if self._renewing is None:
            return
        if not is_needed or self._window.wait(self._now()) is None:
            await asyncio.wait([self._renewing])
        if self._renewing.done():
            ended, self._renewing = self._renewing, None
            ended.result()  # raises what went wrong

    async def _renew(self) -> None:
        asked_at = self._now()
        wanted = self._wanted(asked_at)
        bound = self._window.bound(asked_at)
        take = TakeShare(self._name, self._owner, wanted, bound, self._limit, self._window.seconds)
        count, after = await self._database.submit(take)
        # What the database counts from its own time on, we count from before we asked.
        start = self._now() + after if after else asked_at
        self._window.share_until(start, count, asked_at + after + VALID_SECONDS)
        self._renew_at = start + (SHORT_SECONDS if count < wanted else RENEW_SECONDS)

    def _wanted(self, now: float) -> int:
        waiting = sum(map(len, self._waiting.values()))
        spare = -(-self._limit // SPARE_PART)
        return min(self._limit, self._window.used(now) + waiting + spare)

    def _now(self) -> float:
        return self._clock() if self._clock else asyncio.get_running_loop().time()


Waiters = deque[asyncio.Future[None]]

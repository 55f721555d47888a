"""How long requests wait for their acknowledgement, whatever the cause, and when to refuse them.

Waiting is counted from the arrival of a request's last byte until the answer: the event loop,
the database and the requests before it all are part of it. Requests are admitted in order, and few
at a time: if all began at once, all of them would end late.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from jobs.job_queue import Overloaded

#: Longest wait of a request before it and new ones are refused, in seconds.
REFUSE_AFTER_SECONDS = 3.0
#: Longest delay of the event loop before new requests are refused, in seconds. A request needs
#: several of its turns.
MAX_LOOP_LAG_SECONDS = 3.0
#: Latest time of an acknowledgement, in seconds: senders of webhooks may give up after five.
MAX_ACK_SECONDS = 4.5
#: Longest time from admission to acknowledgement before fewer requests are admitted, in seconds.
SLOW_SECONDS = 1.0
#: Requests that are admitted at a time: at first, at least and at most.
FIRST_ROOM, MIN_ROOM, MAX_ROOM = 256, 16, 1024
#: What is left of the room after each slow request.
SHRINK = 0.9


class Load:
    """The requests of a process that wait, and the delay of its event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        #: Arrivals of the requests that are not answered, in order.
        self._arrivals: dict[object, float] = {}
        self._queue: deque[tuple[float, asyncio.Future[None]]] = deque()
        self._room = FIRST_ROOM
        self._admitted = 0
        #: How late the last two beats were: one long turn of the event loop is no overload yet.
        self._late = self._late_before = 0.0
        self._next_beat: float | None = None

    def beat(self, late: float, following: float) -> None:
        """Note by how much the event loop ran a callback late, and when the next one is due.

        Both in seconds, the second one from now.
        """
        self._late_before, self._late = self._late, late
        self._next_beat = self._clock() + following

    @property
    def loop_lag(self) -> float:
        """Return for how many seconds what arrives may lie unread."""
        return max(self._late, self._overdue)

    @property
    def _overdue(self) -> float:
        if self._next_beat is None:
            return 0.0
        return max(0.0, self._clock() - self._next_beat)

    def ensure_capacity(self) -> None:
        """Raise Overloaded if a request that arrives now would wait for too long."""
        oldest = next(iter(self._arrivals.values()), None)
        waited = self._clock() - oldest if oldest is not None else 0.0
        lasting_lag = max(self._overdue, min(self._late_before, self._late))
        if waited > REFUSE_AFTER_SECONDS or lasting_lag > MAX_LOOP_LAG_SECONDS:
            raise Overloaded

    @asynccontextmanager
    async def admitted(self, read_at: float | None) -> AsyncIterator[None]:
        """Wait until a request, whose last byte was read at a time of the clock, may begin.

        Raises Overloaded if it waits for too long, or ends too late: then it is delivered again,
        and known if it was stored.
        """
        arrived = (self._clock() if read_at is None else read_at) - self.loop_lag
        request = object()
        self._arrivals[request] = arrived
        try:
            async with asyncio.timeout(arrived + MAX_ACK_SECONDS - self._clock()):
                await self._enter(arrived)
                began = self._clock()
                try:
                    yield
                finally:
                    self._leave(self._clock() - began)
        except TimeoutError:
            raise Overloaded from None
        finally:
            del self._arrivals[request]
        if self._clock() - arrived > MAX_ACK_SECONDS:
            raise Overloaded

    async def _enter(self, arrived: float) -> None:
        if self._admitted < self._room and not self._queue:
            self._admitted += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._queue.append((arrived, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # its turn came at the same moment
                self._leave(0.0)
            raise

    def _leave(self, seconds: float) -> None:
        self._admitted -= 1
        if seconds > SLOW_SECONDS:
            self._room = max(MIN_ROOM, int(self._room * SHRINK))
        else:
            self._room = min(MAX_ROOM, self._room + 1)
        while self._queue and self._admitted < self._room:
            arrived, turn = self._queue.popleft()
            if turn.done():  # its sender gave up
                continue
            if self._clock() - arrived > REFUSE_AFTER_SECONDS:
                turn.set_exception(Overloaded())
            else:
                self._admitted += 1
                turn.set_result(None)

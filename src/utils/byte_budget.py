"""A budget of memory for the files that a process holds: those who find no room wait in order."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

#: Memory for files of people that are fetched, held, encoded or sent, in bytes.
MAX_FILE_MEMORY_BYTES = 128 * 1024 * 1024
#: Most holders that wait for room at the same time.
MAX_WAITING = 50


class NoRoom(Exception):
    """Too many wait for room already: try again later."""


class ByteHold:
    """A part of a budget, as long as its block runs."""

    def __init__(self, budget: "ByteBudget", size: int) -> None:
        self._budget = budget
        self.size = size

    def shrink(self, size: int) -> None:
        """Give back all but `size` bytes: what is really held turned out smaller."""
        if size < self.size:
            self._budget.release(self.size - size)
            self.size = size


class ByteBudget:
    """Lets holders in as long as their bytes fit, in the order in which they came.

    One that needs more than there is in all gets everything, alone. A holder that waits holds
    nothing: it must ask for all that it needs at once.
    """

    def __init__(
        self, capacity: int = MAX_FILE_MEMORY_BYTES, *, max_waiting: int = MAX_WAITING
    ) -> None:
        self.capacity = capacity
        #: Bytes that are held.
        self.used = 0
        self._max_waiting = max_waiting
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    def require_place(self) -> None:
        """Raise NoRoom if as many wait as may: before anything is asked or fetched."""
        if len(self._waiting) >= self._max_waiting:
            raise NoRoom

    @asynccontextmanager
    async def hold(self, size: int) -> AsyncIterator[ByteHold]:
        """Hold `size` bytes inside the block; wait for them. Raise NoRoom if too many wait."""
        hold = ByteHold(self, min(size, self.capacity))
        await self._acquire(hold.size)
        try:
            yield hold
        finally:
            self.release(hold.size)

    async def _acquire(self, size: int) -> None:
        if not self._waiting and self.used + size <= self.capacity:
            self.used += size
            return
        self.require_place()
        admitted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((size, admitted))
        try:
            await admitted
        except asyncio.CancelledError:
            if admitted.cancelled():
                self._admit()  # those behind may fit
            else:  # let in, and cancelled before it ran
                self.release(size)
            raise

    def release(self, size: int) -> None:
        """Give bytes back, and let in those who wait."""
        self.used -= size
        self._admit()

    def _admit(self) -> None:
        while self._waiting:
            size, admitted = self._waiting[0]
            if not admitted.cancelled():
                if self.used + size > self.capacity:
                    return
                self.used += size
                admitted.set_result(None)
            self._waiting.popleft()

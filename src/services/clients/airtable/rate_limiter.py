"""Airtable's rate limits: 5 requests a second to a base, 50 a second with a token.

Source: airtable.com/developers/web/api/rate-limits
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from storage.engine.group_commit import GroupCommit
from storage.tables.rate_limits import ReserveSlots

#: Most requests to one base in any second.
MAX_REQUESTS_PER_BASE = 5
#: Most requests with one token in any second.
MAX_REQUESTS_PER_TOKEN = 50


class AirtableRateLimiter:
    """Lets requests pass one at a time, and never more than five in any second.

    The network decides when requests reach Airtable. So the sixth request waits until one second
    after the answer to the first. Processes share their slots through `database`; without one
    (in a command), this process has all slots.
    """

    def __init__(
        self,
        database: GroupCommit | None,
        base_id: str,
        token_name: str,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database = database
        self._names = (
            (f"airtable:{base_id}", MAX_REQUESTS_PER_BASE),
            (f"airtable:{token_name}", MAX_REQUESTS_PER_TOKEN),
        )
        self._sleep = sleep
        self._ended: deque[float] = deque(maxlen=MAX_REQUESTS_PER_BASE)
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[None]:
        """Enter when one request may begin; leave when it has ended."""
        async with self._lock:
            clock = asyncio.get_running_loop().time
            wait = await self._ahead()
            if len(self._ended) == MAX_REQUESTS_PER_BASE:
                wait = max(wait, self._ended[0] + 1.0 - clock())
            if wait > 0:
                await self._sleep(wait)
            try:
                yield
            finally:
                self._ended.append(clock())

    async def _ahead(self) -> float:
        """Return the seconds for which other processes hold the slots before ours."""
        if self._database is None:
            return 0.0
        slots = (ReserveSlots(name, 1, speed) for name, speed in self._names)
        return max(await asyncio.gather(*map(self._database.submit, slots)))

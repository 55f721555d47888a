"""A costly question that is asked once for all who want its answer at about the same time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")

#: An answer is kept for at least this multiple of the time that it took.
REST = 10.0


class SharedAnswer(Generic[Answer]):
    """Keeps an answer for some seconds, and longer if it took long; an error, too.

    With 0 seconds nothing is kept.
    """

    def __init__(
        self,
        ask: Callable[[], Awaitable[Answer]],
        *,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._seconds = seconds
        self._clock = clock
        self._asking: asyncio.Task[Answer] | None = None
        self._fresh_until = 0.0

    async def get(self) -> Answer:
        """Return the answer, or raise its error. Cancelling one waiter leaves the others theirs."""
        if self._asking is None or self._is_stale(self._asking):
            self._asking = asyncio.create_task(self._ask_now())
            self._asking.add_done_callback(_retrieve_error)
        return await asyncio.shield(self._asking)

    def _is_stale(self, asking: "asyncio.Task[Answer]") -> bool:
        return asking.done() and self._clock() >= self._fresh_until

    async def _ask_now(self) -> Answer:
        began = self._clock()
        try:
            answer = await self._ask()
        except BaseException:
            self._fresh_until = self._clock() + self._seconds
            raise
        ended = self._clock()
        rest = REST * (ended - began) if self._seconds else 0.0
        self._fresh_until = ended + max(self._seconds, rest)
        return answer


def _retrieve_error(asked: "asyncio.Task[Answer]") -> None:
    """Keep asyncio from logging an error that nobody waited for any more."""
    if not asked.cancelled():
        asked.exception()

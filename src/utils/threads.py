"""Long computations beside the event loop."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Result = TypeVar("Result")

#: Longest time for which a computation keeps the event loop waiting at each of its system calls, in
#: seconds: Python's own is ten times as long.
TURN_SECONDS = 0.0005


class _ShortTurns:
    """Has threads take shorter turns while anything is computed; the setting is the process's."""

    def __init__(self) -> None:
        self._computing = 0
        self._usual = 0.0

    @contextmanager
    def __call__(self) -> Iterator[None]:
        if not self._computing:
            self._usual = sys.getswitchinterval()
            sys.setswitchinterval(TURN_SECONDS)
        self._computing += 1
        try:
            yield
        finally:
            self._computing -= 1
            if not self._computing:
                sys.setswitchinterval(self._usual)


_short_turns = _ShortTurns()


async def computed(compute: Callable[[], Result]) -> Result:
    """Return what `compute` returns, in a thread that the event loop hardly waits for."""
    with _short_turns():
        return await asyncio.to_thread(compute)

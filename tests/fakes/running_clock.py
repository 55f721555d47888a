"""Time as a thread sees it that never has to wait for a processor."""

import os
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

#: What Linux counts of a thread: nanoseconds on a processor, and in the queue for one.
#: Source: docs.kernel.org/scheduler/sched-stats.html
SCHEDSTAT = "/proc/thread-self/schedstat"


class RunningClock:
    """Seconds in which its thread ran or was blocked, without those in which others ran instead.

    On a busy machine these are most of the time, and say nothing of the program. Where the system
    does not count them, they are in.
    """

    def __init__(self) -> None:
        self._counts: int | None = None

    def __enter__(self) -> Self:
        with suppress(OSError):
            self._counts = os.open(SCHEDSTAT, os.O_RDONLY)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._counts is not None:
            os.close(self._counts)

    def __call__(self) -> float:
        """Return seconds since some moment."""
        if self._counts is None:
            return time.monotonic()
        _, queued, _ = os.pread(self._counts, 100, 0).split()
        return time.monotonic() - int(queued) / 1e9

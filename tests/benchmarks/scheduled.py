"""How much other programs slow down what is measured, as Linux tells it."""

import time
from pathlib import Path
from typing import NamedTuple, Self

_OF_THIS_THREAD = Path("/proc/thread-self/schedstat")


class Scheduled(NamedTuple):
    """Seconds that a thread was on a processor, and waited for one that other threads had."""

    on: float
    waited: float

    @classmethod
    def now(cls) -> Self:
        """Return those of this thread until now; it never waited where the system does not tell."""
        try:
            on, waited, *_ = _OF_THIS_THREAD.read_text().split()
        except OSError:
            return cls(time.thread_time(), 0.0)
        return cls(int(on) / 1e9, int(waited) / 1e9)

    def share_since(self, before: "Scheduled") -> float:
        """Return the part of the time in which it wanted a processor that it was on one."""
        on, waited = self.on - before.on, self.waited - before.waited
        return on / (on + waited) if on else 1.0

"""Clocks that tests and pages move forwards."""

from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar


class MovableClock:
    """Seconds since 1970, of another clock and so much ahead of it."""

    NOT_KEPT: ClassVar = frozenset({"_clock"})

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        #: seconds ahead of the other clock
        self.ahead = 0.0

    def __call__(self) -> float:
        return self._clock() + self.ahead

    def advance(self, seconds: float) -> None:
        """Move the clock forwards; ValueError for a step back."""
        if seconds < 0:
            raise ValueError("time does not go back")
        self.ahead += seconds

    def reset(self) -> None:
        """Tell the time of the other clock again."""
        self.ahead = 0.0


class SteppedClock:
    """Stands still until it is moved."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def advance(self, by: timedelta) -> None:
        self.now += by.total_seconds()

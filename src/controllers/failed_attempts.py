"""Who guesses, and how often."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable

#: Wrong ones from one address within a minute; who mistypes a setting stays below.
MAX_FAILURES = 20
WINDOW_SECONDS = 60.0
#: Addresses that are remembered: those that failed last.
MAX_ADDRESSES = 10_000


class FailedAttemptLimiter:
    """Counts failures per address."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def failed(self, address: str) -> None:
        self._failures.setdefault(address, deque(maxlen=MAX_FAILURES)).append(self._clock())
        self._failures.move_to_end(address)
        if len(self._failures) > MAX_ADDRESSES:
            self._failures.popitem(last=False)

    def are_too_many(self, address: str) -> bool:
        """Whether somebody there has failed so often lately that they should wait."""
        failures = self._failures.get(address)
        if failures is None or len(failures) < MAX_FAILURES:
            return False
        return self._clock() - failures[0] < WINDOW_SECONDS

"""Limits failed attempts to guess a token or a signature, by IP address."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable

#: Most failures of one address within the window; a mistyped setting causes fewer.
MAX_FAILURES = 20
#: Time in which failures are counted together, in seconds.
WINDOW_SECONDS = 60.0
#: Most addresses that are remembered: those with the latest failures.
MAX_ADDRESSES = 10_000


class FailedAttemptLimiter:
    """Counts failures by address, in memory."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def failed(self, address: str) -> None:
        """Count a failure of an address."""
        self._failures.setdefault(address, deque(maxlen=MAX_FAILURES)).append(self._clock())
        self._failures.move_to_end(address)
        if len(self._failures) > MAX_ADDRESSES:
            self._failures.popitem(last=False)

    def are_too_many(self, address: str) -> bool:
        """Return whether an address reached the limit within the last minute."""
        failures = self._failures.get(address)
        if failures is None or len(failures) < MAX_FAILURES:
            return False
        return self._clock() - failures[0] < WINDOW_SECONDS

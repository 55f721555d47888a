"""How fast Meta lets messages through.

Sources: the pages "Throughput" and "Pair rate limits" of the Cloud API.
"""

from collections import defaultdict
from collections.abc import Callable

from emulator.cloud_api.rules.errors import GraphError

#: Seconds between messages to one person, and messages that may be sent at once before.
PAIR_INTERVAL_SECONDS = 6
MAX_PAIR_BURST = 45


class SpeedLimits:
    """Refuses with 130429 and 131056. `clock` gives seconds."""

    def __init__(self, *, per_second: int, pairs: bool, clock: Callable[[], float]) -> None:
        self._per_second = per_second
        self._pairs = pairs
        self._clock = clock
        self._second, self._in_second = 0, 0
        self._paid_off_at: defaultdict[str, float] = defaultdict(float)

    def forget(self) -> None:
        """Begin anew, since the clock was set back."""
        self._second, self._in_second = 0, 0
        self._paid_off_at.clear()

    def count(self) -> None:
        """A message came in: it is never refused, and counts among those of this second."""
        self._turn_to(int(self._clock()))
        self._in_second += 1

    def admit(self, recipient: str) -> None:
        now = self._clock()
        if self._per_second:
            self._admit_number(int(now))
        if self._pairs:
            self._admit_pair(recipient, now)

    def _admit_number(self, second: int) -> None:
        self._turn_to(second)
        if self._in_second >= self._per_second:
            raise GraphError(130429, "Cloud API message throughput has been reached.")
        self._in_second += 1

    def _turn_to(self, second: int) -> None:
        if second != self._second:
            self._second, self._in_second = second, 0

    def _admit_pair(self, recipient: str, now: float) -> None:
        since = max(self._paid_off_at[recipient], now)
        if since - now > PAIR_INTERVAL_SECONDS * (MAX_PAIR_BURST - 1):
            raise GraphError(
                131056,
                "Message failed to send because there were too many messages sent from this phone "
                "number to the same phone number in a short period of time",
            )
        self._paid_off_at[recipient] = since + PAIR_INTERVAL_SECONDS

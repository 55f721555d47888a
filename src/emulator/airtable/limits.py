"""How many requests Airtable takes.

Source: airtable.com/developers/web/api/rate-limits, and the limits of its plans.
"""

from collections import defaultdict, deque
from collections.abc import Callable
from datetime import UTC, datetime

from emulator.airtable.errors import AirtableRefusal

#: Seconds without access after too many requests in one second.
PENALTY = 30


class RequestLimits:
    """Refuses with 429. `clock` gives seconds since 1970."""

    def __init__(self, *, per_second: int, per_month: int, clock: Callable[[], float]) -> None:
        self.per_second = per_second
        self.per_month = per_month
        self._clock = clock
        self._recent: defaultdict[str, deque[float]] = defaultdict(deque)
        self._closed_until: defaultdict[str, float] = defaultdict(float)
        self._latest = 0.0
        self._month = ""
        self._in_month = 0
        #: requests of the busiest second so far, refused ones included
        self.busiest = 0
        self.refused = 0
        self.count = 0

    def admit(self, base_id: str) -> None:
        now = self._clock()
        if now < self._latest:  # the clock was set back
            self._recent.clear()
            self._closed_until.clear()
        self._latest = now
        self.count += 1
        self._admit_month(now)
        recent = self._recent[base_id]
        recent.append(now)
        while recent[0] <= now - 1:
            recent.popleft()
        self.busiest = max(self.busiest, len(recent))
        if self.per_second and len(recent) > self.per_second:
            self._closed_until[base_id] = now + PENALTY
        if now < self._closed_until[base_id]:
            self.refused += 1
            raise AirtableRefusal(
                429, "RATE_LIMIT_REACHED", "Rate limit exceeded. Please try again later"
            )

    def _admit_month(self, now: float) -> None:
        month = datetime.fromtimestamp(now, UTC).strftime("%Y-%m")
        if month != self._month:
            self._month, self._in_month = month, 0
        self._in_month += 1
        if self.per_month and self._in_month > self.per_month:
            raise AirtableRefusal(
                429,
                "PUBLIC_API_BILLING_LIMIT_EXCEEDED",
                "The workspace has used the API calls of its plan for this month.",
            )

"""How many requests a key may make: a bucket of tokens for each, in this process."""

import math
from dataclasses import dataclass, field
from datetime import datetime

#: Seconds in which an empty bucket fills up.
MINUTE = 60.0


@dataclass(slots=True)
class RequestRate:
    """Counts the requests of each key; `per_minute` 0 means no limit."""

    per_minute: int
    #: Tokens that a key had left, and when.
    _left: dict[str, tuple[float, datetime]] = field(default_factory=dict)

    def seconds_to_wait(self, key: str, now: datetime) -> int:
        """Take a token; return 0, or after how many seconds there is one again."""
        if not self.per_minute:
            return 0
        tokens, at = self._left.get(key, (float(self.per_minute), now))
        passed = max(0.0, (now - at).total_seconds())
        tokens = min(float(self.per_minute), tokens + passed * self.per_minute / MINUTE)
        if tokens < 1:
            return math.ceil((1 - tokens) * MINUTE / self.per_minute)
        self._left[key] = (tokens - 1, now)
        return 0

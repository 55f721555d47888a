"""Retry policies: pauses between attempts, and when a job becomes a dead letter."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential backoff: `first`, then doubled each time up to `longest`, then a dead letter."""

    tries: int
    first: timedelta
    longest: timedelta
    #: Function that returns 0 to 1: it spreads pauses by a fifth, so that retries do not bunch.
    chance: Callable[[], float] = random.Random().random

    def is_last(self, tries: int) -> bool:
        """Return whether no attempt is left after `tries` failed ones."""
        return tries >= self.tries

    def pause(self, tries: int) -> float:
        """Return the pause after this many failed attempts, in seconds."""
        seconds: float = min(self.longest, self.first * 2.0 ** min(tries - 1, 30)).total_seconds()
        return seconds * (0.8 + 0.4 * self.chance())


#: For jobs that a person waits for: 5 attempts within half a minute.
INTERACTIVE = RetryPolicy(tries=5, first=timedelta(seconds=1), longest=timedelta(minutes=1))

#: For servers that may be down: 13 attempts within about an hour.
PATIENT = RetryPolicy(tries=13, first=timedelta(seconds=2), longest=timedelta(minutes=10))

#: For jobs that can wait and must never be discarded.
ENDLESS = RetryPolicy(tries=10**9, first=timedelta(seconds=10), longest=timedelta(minutes=30))

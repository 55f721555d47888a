"""When to try again, and when to give up."""

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
    #: between 0 and 1; spreads retries by a fifth either way, so that they do not come in waves
    chance: Callable[[], float] = random.Random().random

    def is_last(self, tries: int) -> bool:
        return tries >= self.tries

    def pause(self, tries: int) -> float:
        """Seconds to wait after this many failed attempts."""
        seconds: float = min(self.longest, self.first * 2.0 ** min(tries - 1, 30)).total_seconds()
        return seconds * (0.8 + 0.4 * self.chance())


#: A person waits: four more attempts within half a minute, then apologise and go on.
INTERACTIVE = RetryPolicy(tries=5, first=timedelta(seconds=1), longest=timedelta(minutes=1))

#: A server is down: keep trying for about an hour.
PATIENT = RetryPolicy(tries=13, first=timedelta(seconds=2), longest=timedelta(minutes=10))

#: It can wait, and must not be given up.
ENDLESS = RetryPolicy(tries=10**9, first=timedelta(seconds=10), longest=timedelta(minutes=30))

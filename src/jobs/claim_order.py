"""Which lanes a worker claims next: people first, with a share for the rest."""

from jobs.isolation import Suspects
from jobs.lease import Claim
from jobs.model import Priority

#: One of so many claims begins with the lanes of low priority, so that these never starve.
CLAIMS_PER_LOW_FIRST = 5
#: Age of the oldest due lane that is looked for once nothing is left, in seconds: a lane may appear
#: that late, since its time is that of the beginning of a transaction.
SLACK_SECONDS = 5.0
#: Longest time between two claims that look at all due lanes, however old, in seconds.
FULL_LOOK_SECONDS = 5.0


class ClaimOrder:
    """Makes the claims of one worker, one after the other.

    They pass over the times before which no lane was left. While any transaction of a PostgreSQL
    server stays open (`pg_dump`), its index keeps an entry for each time that a lane ever had, and
    a claim would read all of them.
    """

    def __init__(self, pools: tuple[str, ...], lease: float) -> None:
        self._pools = pools
        self._lease = lease
        self._count = 0
        self._since = 0.0
        self._looked_at = 0.0

    def next(
        self, limit: int, now: float, suspects: Suspects = Suspects.FIRST, session: str = ""
    ) -> Claim:
        """Return the next claim of up to `limit` lanes; `now` is a time of the database."""
        self._count += 1
        first = Priority.HIGH if self._count % CLAIMS_PER_LOW_FIRST else Priority.LOW
        if not 0 <= now - self._looked_at < FULL_LOOK_SECONDS:  # also if the clock stepped back
            self._looked_at, self._since = now, 0.0
        return Claim(self._pools, limit, self._lease, suspects, first, self._since, session)

    def none_left(self, now: float) -> None:
        """Note that a claim which began then found fewer lanes than it might have."""
        self._since = now - SLACK_SECONDS

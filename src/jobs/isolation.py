"""Isolation: jobs that may have ended earlier processes run apart, until it is known which did.

Whatever runs when a process ends without a word was begun and did not end: the one job that ended
it, and its innocent neighbours. After a second time they are suspects. These run in groups, apart
from all others, and those of the group that does not end either run one at a time. So the innocent
ones are done, and the culprit alone is begun again, until it is a dead letter.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum

#: Starts without an end after which a job runs apart. One may have any cause: a deploy, the power.
SUSPECT_STARTS = 2
#: Most suspects that begin together, for the first time as suspects.
GROUP_SIZE = 16
#: Starts without an end after which a job becomes a dead letter, in place of another start.
MAX_STARTS = 4
#: Longest time for which nothing begins beside a suspect, in seconds: it may be only slow.
MAX_SECONDS_ALONE = 5.0


class Suspects(Enum):
    """What a claim does with suspects."""

    #: Take a group, if one is due, and nothing else.
    FIRST = "first"
    #: Take a group, if nothing else is due.
    LAST = "last"
    #: Take none: a group runs already.
    LEAVE = "leave"


#: A claimed row: the name of the lane, its state, its starts with this one, and its priority.
ClaimedRow = tuple[str, str | None, int, int]


def sort_out(
    claimed: Sequence[ClaimedRow], suspects: Suspects
) -> tuple[Sequence[ClaimedRow], Sequence[ClaimedRow]]:
    """Return the lanes that may begin together, and the rest."""
    suspected = [row for row in claimed if row[2] > SUSPECT_STARTS]
    if not suspected:
        return claimed, ()
    others = [row for row in claimed if row[2] <= SUSPECT_STARTS]
    if suspects is Suspects.LEAVE or (others and suspects is Suspects.LAST):
        return others, suspected
    suspected.sort(key=lambda row: row[2])  # the least suspected first: they may be innocent
    first_time = sum(row[2] == SUSPECT_STARTS + 1 for row in suspected)
    together = min(max(first_time, 1), GROUP_SIZE)
    return suspected[:together], suspected[together:] + others


class Isolation:
    """Lets one group of suspects at a time into a process; all its workers share it.

    Suspects and others take turns, so that neither waits for all of the other.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        #: Number of suspects that run.
        self._running = 0
        self._alone_until = 0.0
        self._is_claiming = False
        self._is_others_turn = False

    @property
    def is_closed(self) -> bool:
        """Whether nothing may begin, since suspects have just begun."""
        return self._running > 0 and self._clock() < self._alone_until

    @contextmanager
    def claiming(self) -> Iterator[Suspects]:
        """Enter to claim; yields what to do with suspects. Those that are taken begin inside."""
        if self._running or self._is_claiming:
            yield Suspects.LEAVE
            return
        self._is_claiming = True
        try:
            yield Suspects.LAST if self._is_others_turn else Suspects.FIRST
        finally:
            self._is_claiming = False
            self._is_others_turn = self._running > 0

    def begins(self) -> None:
        """Note that a suspect begins."""
        self._running += 1
        self._alone_until = self._clock() + MAX_SECONDS_ALONE

    def ends(self) -> None:
        """Note that a suspect has ended."""
        self._running -= 1

"""A time of which messages are counted: whole hours, and what is left at its ends."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from storage.engine.database import FIRST_SECOND

HOUR_SECONDS = 3_600
HOURS_A_DAY = 24
#: After all hours that a table has.
LAST_HOUR = 2**31 - 1


class Hours(NamedTuple):
    """Whole hours, counted from 1970 on: from `begin` on, before `end`."""

    begin: int
    end: int

    @property
    def days(self) -> tuple[int, int]:
        """The first and the last day that have some of them."""
        return self.begin // HOURS_A_DAY, (self.end - 1) // HOURS_A_DAY

    def has_day(self, number: int) -> bool:
        """Return whether all hours of a day are among them."""
        begin = number * HOURS_A_DAY
        return self.begin <= begin and begin + HOURS_A_DAY <= self.end


class Range(NamedTuple):
    """A part of time, in seconds since 1970: from `begin` on, before `end`."""

    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Period:
    """Whose messages are counted, and of which time."""

    tenant: str
    since: datetime
    #: The last moment; it belongs to the time.
    until: datetime
    now: datetime
    #: Length of the parts by which they are told apart, an hour or a day; None does not.
    step: timedelta | None = None

    @property
    def range(self) -> Range:
        """The time of the messages."""
        return Range(self.since.timestamp(), math.nextafter(self.until.timestamp(), math.inf))

    def divided(self) -> tuple[Hours, Sequence[Range]]:
        """Return the whole hours, and what is left before and after them.

        The hour of a time that has not ended yet is whole: it has no messages after it.
        """
        begin, end = self.range
        first, last = math.ceil(begin / HOUR_SECONDS), int(end // HOUR_SECONDS)
        if self.until >= self.now:
            last = LAST_HOUR
        if first > last:  # a part of one hour
            return Hours(first, first), [Range(begin, end)]
        ends = [Range(begin, float(first * HOUR_SECONDS))]
        ends += [Range(float(last * HOUR_SECONDS), end)] if last < LAST_HOUR else []
        return Hours(first, last), [one for one in ends if one.begin < one.end]


def begin_of_part(part: int, step: timedelta) -> datetime:
    """Return when a part of a time begins, counted from 1970 on."""
    return datetime.fromtimestamp(part * step.total_seconds(), UTC)


def begin_of_hour(at: datetime, before: timedelta = timedelta(0)) -> datetime:
    """Return when the hour began that was so long before a moment; at most the year 1.

    From the beginning of an hour on, no message is read by itself.
    """
    seconds = max(at.timestamp() - before.total_seconds(), FIRST_SECOND)
    return datetime.fromtimestamp(seconds // HOUR_SECONDS * HOUR_SECONDS, UTC)

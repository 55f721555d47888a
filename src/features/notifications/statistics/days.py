"""Days whose numbers are known: statistics read a row for each, instead of all of its messages.

Triggers of the database make a day stale in the commit of any change of one of its messages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, select

from features.bulk.tables import DayState, day
from features.notifications.statistics.content import Content

#: Length of a day, in seconds.
DAY_SECONDS = 86_400
#: Most parts of time that are counted message by message, beside the days that are known.
MAX_RANGES = 40


class Range(NamedTuple):
    """A part of time, in seconds since 1970: from `begin` on, before `end`."""

    begin: float
    end: float


class KnownDay(NamedTuple):
    """The numbers of a label on a day, which is counted from 1970 on."""

    label: int
    day: int
    content: Content


@dataclass(frozen=True, slots=True)
class Division:
    """A period in two parts: days that are known, and what is counted message by message."""

    known: Sequence[KnownDay]
    #: Labels by the part of time in which their messages are counted.
    open: Mapping[Range, Sequence[int]]


def range_of(number: int) -> Range:
    """Return the time of a day."""
    return Range(number * DAY_SECONDS, (number + 1) * DAY_SECONDS)


def divide(connection: Connection, labels: Sequence[int], whole: Range) -> Division:
    """Return which days of a period are known."""
    known: list[KnownDay] = []
    ranges: dict[int, list[Range]] = {}
    first, last = (int(one // DAY_SECONDS) for one in whole)
    query = select(day.c.label, day.c.day, day.c.state, day.c.content)
    query = query.where(day.c.label.in_(labels), day.c.day.between(first, last))
    for row in connection.execute(query.order_by(day.c.label, day.c.day)):
        time = range_of(row.day)
        is_whole = whole.begin <= time.begin and time.end <= whole.end
        if is_whole and row.state == DayState.COUNTED:
            known.append(KnownDay(row.label, row.day, Content.from_json(row.content)))
        else:
            _add(ranges.setdefault(row.label, []), time)
    found: dict[Range, list[int]] = {}
    for label, own in ranges.items():
        for begin, end in own:
            clipped = Range(max(begin, whole.begin), min(end, whole.end))
            found.setdefault(clipped, []).append(label)
    return Division(known, found) if len(found) <= MAX_RANGES else Division((), {whole: labels})


def _add(ranges: list[Range], new: Range) -> None:
    """Add a day; one that follows the last range makes it longer."""
    if ranges and ranges[-1].end == new.begin:
        ranges[-1] = Range(ranges[-1].begin, new.end)
    else:
        ranges.append(new)

"""When something takes place: "last saturday 14:00-18:00", "every tuesday 18:30"; or on a date.

A rule may name several times, separated by commas: "2026-12-05 10:00, 2026-12-12 10:00". They are
in the zone of the bot; what has no end takes an hour.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: Which of the days of a month; "last" is told apart, and "every" is all of them.
PLACES = ("first", "second", "third", "fourth")
#: How far ahead is looked.
HORIZON = timedelta(days=366)
#: How long takes what has no end.
USUAL_LENGTH = timedelta(hours=1)
_RULE = re.compile(
    rf"(?:(?P<day>\d{{4}}-\d\d-\d\d)|(?P<place>every|last|{'|'.join(PLACES)}) "
    rf"(?P<weekday>{'|'.join(WEEKDAYS)})) (?P<start>\d\d?:\d\d)(?:-(?P<end>\d\d?:\d\d))?"
)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time at which it takes place."""

    start: datetime
    #: None if nobody said
    end: datetime | None

    def __str__(self) -> str:
        """Return it as texts get it, `{workshop:when}`: as ISO, both ends."""
        ends = (self.start, self.end) if self.end else (self.start,)
        return "/".join(one.isoformat(timespec="minutes") for one in ends)


def occurrences(rule: str, now: datetime) -> Iterator[Occurrence]:
    """Yield what is not over yet, within a year; raise ValueError for a rule that says nothing.

    `now` is in the zone of the bot.
    """
    parts = [_part(one) for one in rule.split(",")]
    for ahead in range(HORIZON.days):
        day = now.date() + timedelta(days=ahead)
        of_day = (part.on(day, now) for part in parts if part.is_on(day))
        for one in sorted(of_day, key=lambda found: found.start):
            if (one.end or one.start + USUAL_LENGTH) > now:
                yield one


@lru_cache(maxsize=256)
def next_occurrence(rule: str, now: datetime) -> Occurrence | None:
    """Return the next one, or the one that is on; None if there is none within a year."""
    return next(occurrences(rule, now), None)


@dataclass(frozen=True, slots=True)
class _Part:
    day: date | None
    place: str
    weekday: int
    start: time
    end: time | None

    def is_on(self, day: date) -> bool:
        if self.day is not None:
            return day == self.day
        if day.weekday() != self.weekday:
            return False
        if self.place == "last":
            return (day + timedelta(days=7)).month != day.month
        return self.place == "every" or (day.day - 1) // 7 == PLACES.index(self.place)

    def on(self, day: date, now: datetime) -> Occurrence:
        start = datetime.combine(day, self.start, now.tzinfo)
        end = None if self.end is None else datetime.combine(day, self.end, now.tzinfo)
        return Occurrence(start, end if end is None or end > start else end + timedelta(days=1))


@lru_cache(maxsize=64)
def _part(text: str) -> _Part:
    found = _RULE.fullmatch(text.strip().lower())
    if found is None:
        raise ValueError(f'"{text.strip()}" says no time: "last saturday 14:00-18:00" does')
    day, weekday = found["day"], found["weekday"]
    return _Part(
        date.fromisoformat(day) if day else None,
        found["place"] or "",
        WEEKDAYS.index(weekday) if weekday else 0,
        time.fromisoformat(found["start"].zfill(5)),
        time.fromisoformat(found["end"].zfill(5)) if found["end"] else None,
    )

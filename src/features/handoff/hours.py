"""When people of ours can be reached."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from flow_engine.words import normalise

#: Names of weekdays, Monday first; any beginning of three letters or more is enough.
DAY_NAMES = (
    ("monday", "lunes", "segunda", "segunda-feira"),
    ("tuesday", "martes", "terca", "terca-feira"),
    ("wednesday", "miercoles", "quarta", "quarta-feira"),
    ("thursday", "jueves", "quinta", "quinta-feira"),
    ("friday", "viernes", "sexta", "sexta-feira"),
    ("saturday", "sabado"),
    ("sunday", "domingo"),
)
MIN_DAY_LETTERS = 3
MINUTES_A_DAY = 24 * 60
#: "9", "09:00", "9.30", "9h30", "9am", "12:15 p.m."
_TIME = re.compile(
    r"(\d{1,2})(?:\s*[:.h]\s*(\d{2}))?\s*h?\s*(am|pm|a\.m\.?|p\.m\.?)?", re.IGNORECASE
)

#: Minutes from the day's midnight on: opens, closes. One that closes after midnight has more than
#: 24 hours.
Span = tuple[int, int]
#: Spans of a day that is open from its beginning to its end.
ALL_DAY: Sequence[Span] = ((0, MINUTES_A_DAY),)


class WrongHours(ValueError):
    """A row that cannot be read; says which, and why."""


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Spans of opening: of weekdays (Monday is 0), and of dates, which take the place of those.

    A day with no spans is closed, and so is one of which nothing is said. Where nothing says when
    it is open, it always is, except on dates that are closed.
    """

    days: Mapping[int, Sequence[Span]] = field(default_factory=dict)
    dates: Mapping[date, Sequence[Span]] = field(default_factory=dict)

    @classmethod
    def read(cls, rows: Iterable[Mapping[str, Any]]) -> "OpeningHours":
        """Rows of "Day or date", "Opens", "Closes" and "Closed"; WrongHours if one is odd."""
        days: defaultdict[int, list[Span]] = defaultdict(list)
        dates: defaultdict[date, list[Span]] = defaultdict(list)
        for row in rows:
            name = str(row.get("Day or date", "")).strip()
            day = weekday(name)
            spans = dates[_date(name)] if day is None else days[day]
            if not row.get("Closed"):
                spans.append(_span(name, row))
        return cls(dict(days), dict(dates))

    def changed_by(self, other: "OpeningHours") -> "OpeningHours":
        """Return these hours, with those of every day and date that `other` has."""
        return OpeningHours({**self.days, **other.days}, {**self.dates, **other.dates})

    def is_open(self, moment: datetime) -> bool:
        """`moment` is in the time zone of the place."""
        today = moment.date()
        minute = moment.hour * 60 + moment.minute
        return self._covers(today, minute) or self._covers(
            today - timedelta(days=1), minute + MINUTES_A_DAY
        )

    def _covers(self, day: date, minute: int) -> bool:
        says_when = self.days or any(self.dates.values())
        usual = self.days.get(day.weekday(), ()) if says_when else ALL_DAY
        spans = self.dates.get(day, usual)
        return any(opens <= minute < closes for opens, closes in spans)


def weekday(name: str) -> int | None:
    """Return the day that a name, or its beginning, stands for; None for other words."""
    written = normalise(name).rstrip(".")
    if len(written) < MIN_DAY_LETTERS:
        return None
    for day, names in enumerate(DAY_NAMES):
        if any(one.startswith(written) for one in names):
            return day
    return None


def _span(name: str, row: Mapping[str, Any]) -> Span:
    """Read when it opens and closes: at or before the opening means on the next day."""
    opens, closes = (_minutes(name, row.get(end)) for end in ("Opens", "Closes"))
    if opens == closes:
        raise WrongHours(
            f"{name}: it closes when it opens; for the whole day write 00:00 and 24:00"
        )
    if opens == MINUTES_A_DAY:
        raise WrongHours(f"{name}: the day that begins at 24:00 is the next one")
    return opens, closes if closes > opens else closes + MINUTES_A_DAY


def _minutes(name: str, written: object) -> int:
    found = _TIME.fullmatch(str(written if written is not None else "").strip())
    if found is None:
        raise WrongHours(f"{name}: times are written like 09:00, 9 or 9am")
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half and not 1 <= hour <= 12:
        raise WrongHours(f"{name}: {written} is no time")
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    total = hour * 60 + minute
    if minute > 59 or total > MINUTES_A_DAY:
        raise WrongHours(f"{name}: {written} is no time; the last one is 24:00")
    return total


def _date(name: str) -> date:
    try:
        return date.fromisoformat(name)
    except ValueError:
        raise WrongHours(
            f"{name or 'an empty cell'} is neither a day of the week nor a date such as 2026-12-24"
        ) from None

"""Opening hours as the config file has them: `monday-friday: 9:00-18:00`, `2026-12-24: closed`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from features.handoff.hours import DAY_NAMES, OpeningHours, WrongHours, weekday

#: What says that a day has no opening hours.
CLOSED = frozenset({"closed", "cerrado", "fechado"})
#: What stands between two days, and between two times.
_DASH = re.compile(r"\s*[-\u2013\u2014]\s*|\s+to\s+")

#: Spans of each day, as they are written.
WrittenHours = Mapping[str, Sequence[str]]


def read_hours(written: WrittenHours) -> OpeningHours:
    """Return the hours of a file. Raise WrongHours."""
    return OpeningHours.read(row for key in written for row in rows_of(key, written[key]))


def rows_of(key: str, spans: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """Yield the rows that a key and its spans stand for. Raise WrongHours."""
    is_closed = [one.strip().lower() in CLOSED for one in spans]
    if not spans or (any(is_closed) and len(spans) > 1):
        raise WrongHours(f"{key}: write times such as 9:00-18:00, or closed alone")
    for day in days_of(key):
        for span in spans:
            if is_closed[0]:
                yield {"Day or date": day, "Closed": True}
                continue
            opens, *closes = _DASH.split(span.strip())
            if len(closes) != 1:
                raise WrongHours(f"{key}: write times such as 9:00-18:00, or closed")
            yield {"Day or date": day, "Opens": opens, "Closes": closes[0]}


def days_of(key: str) -> Sequence[str]:
    """Return the days of "monday-friday", or the one day or date that a key names."""
    for dash in _DASH.finditer(key):
        first, last = weekday(key[: dash.start()]), weekday(key[dash.end() :])
        if weekday(key) is None and first is not None and last is not None:
            count = (last - first) % len(DAY_NAMES) + 1
            return [DAY_NAMES[(first + day) % len(DAY_NAMES)][0] for day in range(count)]
    return (key,)

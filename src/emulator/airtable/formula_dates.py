"""Dates in Airtable's formulas.

Source: support.airtable.com/docs/formula-field-reference
"""

import calendar
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from emulator.airtable.formula_values import FormulaError, moment, number, written

#: Seconds of each unit of time that has a length.
SECONDS = {
    **dict.fromkeys(("milliseconds", "millisecond", "ms"), 0.001),
    **dict.fromkeys(("seconds", "second", "s"), 1.0),
    **dict.fromkeys(("minutes", "minute", "m"), 60.0),
    **dict.fromkeys(("hours", "hour", "h"), 3600.0),
    **dict.fromkeys(("days", "day", "d"), 86400.0),
    **dict.fromkeys(("weeks", "week", "w"), 604800.0),
}
MONTHS = {
    **dict.fromkeys(("months", "month", "M"), 1),
    **dict.fromkeys(("quarters", "quarter", "Q"), 3),
    **dict.fromkeys(("years", "year", "y"), 12),
}
#: Parts of a format of dates, as Moment.js has them, the longest first.
PARTS: Mapping[str, Callable[[datetime], str]] = {
    "YYYY": lambda at: f"{at.year:04}",
    "MMMM": lambda at: calendar.month_name[at.month],
    "dddd": lambda at: calendar.day_name[at.weekday()],
    "MMM": lambda at: calendar.month_abbr[at.month],
    "ddd": lambda at: calendar.day_abbr[at.weekday()],
    "YY": lambda at: f"{at.year % 100:02}",
    "MM": lambda at: f"{at.month:02}",
    "DD": lambda at: f"{at.day:02}",
    "HH": lambda at: f"{at.hour:02}",
    "hh": lambda at: f"{at.hour % 12 or 12:02}",
    "mm": lambda at: f"{at.minute:02}",
    "ss": lambda at: f"{at.second:02}",
    "M": lambda at: str(at.month),
    "D": lambda at: str(at.day),
    "H": lambda at: str(at.hour),
    "h": lambda at: str(at.hour % 12 or 12),
    "m": lambda at: str(at.minute),
    "A": lambda at: "AM" if at.hour < 12 else "PM",
    "a": lambda at: "am" if at.hour < 12 else "pm",
    "X": lambda at: str(int(at.timestamp())),
}
FORMAT = re.compile("|".join(PARTS))


def added(value: Any, count: Any, unit: Any) -> datetime:
    """Return a time so many units later."""
    at, name = moment(value), str(unit)
    if (seconds := SECONDS.get(name)) is not None:
        return at + timedelta(seconds=number(count) * seconds)
    if name not in MONTHS:
        raise FormulaError(f"{name} is no unit")
    months = at.year * 12 + at.month - 1 + int(number(count)) * MONTHS[name]
    year, month = divmod(months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return at.replace(year=year, month=month + 1, day=min(at.day, last))


def difference(left: Any, right: Any, unit: Any = "seconds") -> float:
    """Return how many whole units lie between two times."""
    first, second, name = moment(left), moment(right), str(unit)
    if (seconds := SECONDS.get(name)) is not None:
        return float(int((first - second).total_seconds() / seconds))
    months = (first.year - second.year) * 12 + first.month - second.month
    return float(int(months / MONTHS.get(name, 1)))


def formatted(value: Any, form: Any = "YYYY-MM-DDTHH:mm:ss.000Z") -> str:
    """Return a time as a format of Moment.js writes it, in UTC."""
    at = moment(value).astimezone(UTC)
    if form is None or "T" in str(form):
        return written(at)
    return FORMAT.sub(lambda found: PARTS[found[0]](at), str(form))


def is_same(left: Any, right: Any, unit: Any = None) -> bool:
    """Return whether two times are the same, up to a unit."""
    if unit in (None, "exact"):
        return moment(left) == moment(right)
    parts = {"year": 1, "month": 2, "day": 3, "hour": 4, "minute": 5, "second": 6}
    length = parts.get(str(unit).rstrip("s"), 6)
    return moment(left).utctimetuple()[:length] == moment(right).utctimetuple()[:length]

"""Which days a question for a date is about: "this saturday", "next week", "in december"."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flow_engine import LANGUAGES
from flow_engine.days import day_among
from flow_engine.words import normalise
from texts.vocabulary import Vocabulary

#: Days to come among which one is searched that a message names.
DAYS_AHEAD = 92
#: Shorter names of months are also other words, "may" and "mar".
MIN_MONTH_LETTERS = 4
DAYS_OF_WEEK = 7
_MONTHS = {
    normalise(name): number
    for language in LANGUAGES.values()
    for number, names in enumerate(language.dates.months, start=1)
    for name in names.split(",")
    if len(name.strip()) >= MIN_MONTH_LETTERS
}


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both included."""

    first: date
    last: date


def asked_period(
    vocabulary: Vocabulary, text: str, words: Sequence[str], today: date
) -> Period | None:
    """Return the days that a message is about; `words` are its own, spelled out."""
    days = [(today + timedelta(days=ahead)).isoformat() for ahead in range(DAYS_AHEAD)]
    if (day := day_among(days, text, today)) is not None:
        return Period(date.fromisoformat(day), date.fromisoformat(day))
    for group, period in PERIODS.items():
        if vocabulary.has_any(group, words):
            return period(today)
    month = next((_MONTHS[word] for word in words if word in _MONTHS), None)
    if month is None:
        return None
    first = date(today.year + (month < today.month), month, 1)
    return Period(max(first, today), _end_of_month(first))


def _week(today: date) -> Period:
    return Period(today, today + timedelta(days=DAYS_OF_WEEK - 1 - today.weekday()))


def _next_week(today: date) -> Period:
    monday = today + timedelta(days=DAYS_OF_WEEK - today.weekday())
    return Period(monday, monday + timedelta(days=DAYS_OF_WEEK - 1))


def _weekend(today: date) -> Period:
    sunday = _week(today).last
    return Period(max(today, sunday - timedelta(days=1)), sunday)


def _month(today: date) -> Period:
    return Period(today, _end_of_month(today))


def _next_month(today: date) -> Period:
    first = _end_of_month(today) + timedelta(days=1)
    return Period(first, _end_of_month(first))


def _end_of_month(day: date) -> date:
    """Return the last day of a month: that before the first of the next one."""
    after = day.replace(day=28) + timedelta(days=4)
    return after - timedelta(days=after.day)


#: What is asked for in words, by their group; the first that a message has counts.
PERIODS: Mapping[str, Callable[[date], Period]] = {
    "weekend": _weekend,
    "next_week": _next_week,
    "this_week": _week,
    "next_month": _next_month,
    "this_month": _month,
}

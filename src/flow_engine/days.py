"""Which of some days people mean: "friday at 8", "mañana", "the 4th", in every language."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta

import regex

from flow_engine.dates import is_small_word, without_article
from flow_engine.languages import LANGUAGES
from flow_engine.phrases import Phrases
from flow_engine.words import normalise

#: Most words of a text that is searched for a day.
MAX_DAY_WORDS = 24
#: An option that is a day.
_DAY = regex.compile(r"\d{4}-\d{2}-\d{2}")
#: A day and a month in numbers: "4/12".
_DAY_AND_MONTH = regex.compile(r"(?<![\d/.\-])(\d{1,2})[/.\-](\d{1,2})(?![\d/.\-])")
#: The day of a month by its ordinal, or behind an article: "the 4th", "el 4", "dia 4".
_DAY_OF_MONTH = regex.compile(r"\b(?:(?:the|el|dia|día|o) (\d{1,2})|(\d{1,2})(?:st|nd|rd|th))\b")
#: A day of a month that is named: "4 december", "december 4".
_BESIDE_MONTH = regex.compile(
    r"(?:(?<!\d)(\d{1,2})\S{0,2} (?:of |de |do )?)?(?<!\p{L})(\p{L}{3,})(?: (\d{1,2}))?"
)


def _phrases(names: Iterable[str]) -> Phrases:
    return Phrases(frozenset(filter(None, (normalise(name) for name in names))))


def _by_place(lists: Iterable[Sequence[str]]) -> dict[int, Phrases]:
    """Return the phrases of all languages by their place in the lists."""
    names: dict[int, list[str]] = {}
    for words in lists:
        for place, one in enumerate(words):
            names.setdefault(place, []).extend(one.split(","))
    return {place: _phrases(found) for place, found in names.items()}


_WEEKDAYS = _by_place(language.dates.weekdays for language in LANGUAGES.values())
_RELATIVE = _by_place(language.dates.relative for language in LANGUAGES.values())
_DAY_NAMES = _phrases(
    name
    for language in LANGUAGES.values()
    for names in (*language.dates.weekdays, *language.dates.relative)
    for name in names.split(",")
)
#: Days to come that may be named.
DAYS_AHEAD = 8
_MONTHS = {
    normalise(name): month
    for language in LANGUAGES.values()
    for month, names in enumerate(language.dates.months, start=1)
    for name in names.split(",")
}


def day_among(options: Collection[str], text: str, today: date) -> str | None:
    """Return the one of some days (ISO) that a text means; None if it means none, or several.

    A day of the week is the first one that is offered.
    """
    days = [date.fromisoformat(one) for one in options if _DAY.fullmatch(one)]
    words = normalise(text).split()
    if not days or len(words) > MAX_DAY_WORDS:
        return None
    found = _named(days, words) or _relative(days, words, today) or _numbered(days, text)
    return found.isoformat() if found is not None else None


def coming_day(text: str, today: date) -> str:
    """Return the next day that a text names and nothing else: "on friday", as ISO; ValueError."""
    words = normalise(text).split()
    named = {at for start, end in _DAY_NAMES.find(words) for at in range(start, end)}
    others = (word for at, word in enumerate(words) if at not in named)
    if named and all(map(is_small_word, others)):
        days = [(today + timedelta(days=number)).isoformat() for number in range(1, DAYS_AHEAD)]
        if (found := day_among(days, text, today)) is not None:
            return found
    raise ValueError("names no day to come")


def _named(days: Sequence[date], words: Sequence[str]) -> date | None:
    named = {place for place, phrases in _WEEKDAYS.items() if any(phrases.find(words))}
    if len(named) != 1:
        return None
    return next((day for day in days if day.weekday() in named), None)


def _relative(days: Sequence[date], words: Sequence[str], today: date) -> date | None:
    named = [place for place, phrases in _RELATIVE.items() if any(phrases.find(words))]
    wanted = today + timedelta(days=max(named)) if named else None  # "the day after *tomorrow*"
    return wanted if wanted in days else None


def _numbered(days: Sequence[date], text: str) -> date | None:
    found = {day for day in days if (day.day, day.month) in set(_days_and_months(text))}
    if not found:
        plain = normalise(without_article(text))
        numbers = {int(one or other) for one, other in _DAY_OF_MONTH.findall(plain)}
        found = {day for day in days if day.day in numbers}
    return found.pop() if len(found) == 1 else None


def _days_and_months(text: str) -> Iterator[tuple[int, int]]:
    """Yield (day, month) for each day of a month in a text."""
    for one, other in _DAY_AND_MONTH.findall(text):
        yield int(one), int(other)
    for before, name, after in _BESIDE_MONTH.findall(normalise(text), overlapped=True):
        months = {month for known, month in _MONTHS.items() if known.startswith(name)}
        if len(months) == 1 and (before or after):
            yield int(before or after), months.pop()

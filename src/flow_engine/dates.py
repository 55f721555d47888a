"""Reads dates as people write them, in every language that there is."""

from datetime import UTC, date, datetime

import regex

from flow_engine.languages import LANGUAGES
from flow_engine.words import normalise, plain_digits

#: Longest text that may be a date, in characters.
MAX_DATE_CHARS = 60
_NUMBERS = regex.compile(r"(\d{1,4})[/. \-]+(\d{1,2})[/. \-]+(\d{1,4})")
#: A number, perhaps with the ending of an ordinal ("25th", "1º"), or a word.
_PART = regex.compile(r"(\d{1,4})(?:st|nd|rd|th|º|ª|er|ro|o)?\b|(\p{L}+)")
#: Fewest letters that name a month.
MIN_MONTH_LETTERS = 3
#: Words that may stand in a date.
_SMALL_WORDS = frozenset(
    normalise(word) for language in LANGUAGES.values() for word in language.dates.words
)


def _months() -> dict[str, int]:
    """Return the months by the shortest beginning of their names that no other month has."""
    names = {
        normalise(name): month
        for language in LANGUAGES.values()
        for month, names in enumerate(language.dates.months, start=1)
        for name in names.split(",")
    }
    starts: dict[str, int] = {}
    for name, month in names.items():
        for length in range(min(MIN_MONTH_LETTERS, len(name)), len(name) + 1):
            start = name[:length]
            if {other for known, other in names.items() if known.startswith(start)} == {month}:
                starts[start] = month
                break
    return starts


_MONTHS = _months()


def iso_date(text: object) -> object:
    """Return a date as ISO; anything but text as it is. Raises ValueError if it is no date.

    Day first, unless that cannot be: "25/12/1990", "12/25/1990", "1990-12-25", "25-12-90",
    "December 25th, 1990", "5 de marzo de 1990". Years of two digits are the latest that have begun.
    """
    if not isinstance(text, str):
        return text
    written = " ".join(_readable(text).split())[: MAX_DATE_CHARS + 1].strip(" .,")
    if len(written) > MAX_DATE_CHARS:
        raise ValueError("a date is shorter")
    day, month, year = _numbers_of(written) or _words_of(written)
    return f"{year:04}-{month:02}-{day:02}"


def _readable(text: str) -> str:
    """Plain digits and hyphens, without invisible characters."""
    return regex.sub(r"\p{Cf}", "", regex.sub(r"\p{Pd}", "-", plain_digits(text[:1000])))


def _numbers_of(written: str) -> tuple[int, int, int] | None:
    found = _NUMBERS.fullmatch(written)
    if found is None:
        return None
    if len(found[1]) == 4:
        year, month, day = map(int, found.groups())
        return day, month, year
    if len(found[1]) > 2:
        return None
    day, month = int(found[1]), int(found[2])
    if month > 12 >= day:  # as it is written in the United States
        day, month = month, day
    return day, month, _year(found[3])


def _words_of(written: str) -> tuple[int, int, int]:
    numbers: list[str] = []
    months: list[int] = []
    for number, word in _PART.findall(normalise(written)):
        if number:
            numbers.append(number)
        elif word in _SMALL_WORDS:
            continue
        elif month := _month_of(word):
            months.append(month)
        else:
            raise ValueError("a date has no other words")
    if len(numbers) != 2 or len(months) != 1:
        raise ValueError("a date has a day, a month and a year")
    day, year = numbers if len(numbers[0]) < 3 else reversed(numbers)
    return int(day), months[0], _year(year)


def _month_of(word: str) -> int | None:
    starts = (word[:length] for length in range(len(word), 0, -1))
    return next((_MONTHS[start] for start in starts if start in _MONTHS), None)


def _year(digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    if len(digits) != 2:
        raise ValueError("a year has two or four digits")
    year = 2000 + int(digits)
    return year if date(year, 1, 1) <= datetime.now(UTC).date() else year - 100

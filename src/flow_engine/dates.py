"""Reads dates as people write them, in English, Spanish and Portuguese."""

from datetime import UTC, date, datetime

import regex

from flow_engine.words import plain_digits

#: Longest text that may be a date, in characters.
MAX_DATE_CHARS = 60
_NUMBERS = regex.compile(r"(\d{1,4})[/. \-]+(\d{1,2})[/. \-]+(\d{1,4})")
#: A number, perhaps with the ending of an ordinal ("25th", "1º"), or a word.
_PART = regex.compile(r"(\d{1,4})(?:st|nd|rd|th|º|ª|er|ro|o)?\b|(\p{L}+)")
#: The months by their first three letters, in three languages.
_MONTHS = {
    start: month
    for month, starts in enumerate(
        (
            ("jan", "ene"),
            ("feb", "fev"),
            ("mar",),
            ("apr", "abr"),
            ("may", "mai"),
            ("jun",),
            ("jul",),
            ("aug", "ago"),
            ("sep", "set"),
            ("oct", "out"),
            ("nov",),
            ("dec", "dic", "dez"),
        ),
        start=1,
    )
    for start in starts
}
#: Words that may stand in a date.
_SMALL_WORDS = frozenset(
    ["of", "the", "on", "i", "was", "born", "de", "del", "el", "do", "en", "em", "nací", "nasci"]
)


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
    for number, word in _PART.findall(written.casefold()):
        if number:
            numbers.append(number)
        elif word[:3] in _MONTHS and word not in _SMALL_WORDS:
            months.append(_MONTHS[word[:3]])
        elif word not in _SMALL_WORDS:
            raise ValueError("a date has no other words")
    if len(numbers) != 2 or len(months) != 1:
        raise ValueError("a date has a day, a month and a year")
    day, year = numbers if len(numbers[0]) < 3 else reversed(numbers)
    return int(day), months[0], _year(year)


def _year(digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    if len(digits) != 2:
        raise ValueError("a year has two or four digits")
    year = 2000 + int(digits)
    return year if date(year, 1, 1) <= datetime.now(UTC).date() else year - 100

"""Reads dates as people write and say them, in every language that there is."""

import re
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from itertools import pairwise

import regex

from flow_engine.languages import LANGUAGES
from flow_engine.spoken_numbers import with_numbers
from flow_engine.typos import Typos
from flow_engine.words import normalise, plain_digits

#: Longest text that may be a date, in characters.
MAX_DATE_CHARS = 100
_NUMBERS = regex.compile(r"(?<![\d/.\-])(\d{1,4})[/. \-]+(\d{1,2})[/. \-]+(\d{1,4})(?![\d/\-])")
#: A day, a month and a year of four digits, without anything between them.
_EIGHT_DIGITS = regex.compile(r"(?<!\d)(\d{2})(\d{2})(\d{4})(?!\d)")
#: A number, perhaps with the ending of an ordinal: "25th", "1º".
_NUMBER = regex.compile(r"(\d{1,4})(?:st|nd|rd|th|er|ro|do|to|no|vo|mo|o|a)?")
#: "un 3 de marzo": no number.
_ARTICLE = regex.compile(r"\b(?:una?|uma?)\s+(?=\d)", regex.IGNORECASE)
#: "Dez" is ten, and December.
_DEZ = regex.compile(r"\bdez\b", regex.IGNORECASE)
_HYPHENS, _INVISIBLE = regex.compile(r"\p{Pd}"), regex.compile(r"\p{Cf}")
#: Marks inside words: "25-dec", "dec.25".
_MARKS = re.compile(r"[-.&@#%:']")
#: Fewest letters that name a month, and letters by which its longer forms are known: "sept".
MIN_MONTH_LETTERS, BEGINNING_LETTERS = 3, 4
_MONTH_OF = {
    normalise(name): month
    for language in LANGUAGES.values()
    for month, names in enumerate(language.dates.months, start=1)
    for name in names.split(",")
}
_MONTH_NAMES = Typos(_MONTH_OF)
#: Months by each beginning of their names, and by the letters by which longer forms are known.
_MONTHS_BY_BEGINNING: dict[str, set[int]] = defaultdict(set)
_MONTHS_OF_LONGER: dict[str, set[int]] = defaultdict(set)
for _name, _number in _MONTH_OF.items():
    _MONTHS_OF_LONGER[_name[:BEGINNING_LETTERS]].add(_number)
    for _end in range(1, len(_name) + 1):
        _MONTHS_BY_BEGINNING[_name[:_end]].add(_number)
#: Words that may stand around a date, and in it.
_SMALL_WORDS = frozenset(
    part
    for language in LANGUAGES.values()
    for word in language.dates.words
    for part in normalise(word).split()
)


class AmbiguousDateError(ValueError):
    """A date can be read with the day first, or with the month first: "04/05/1990"."""

    def __init__(self, readings: tuple[str, str]) -> None:
        super().__init__("the day or the month may come first")
        #: both dates, as ISO
        self.readings = readings


def iso_date(text: object, *, is_month_first_usual: bool = False) -> object:
    """Return a date as ISO; anything but text as it is. Raises ValueError if it is no date.

    Day first, unless that cannot be: "25/12/1990", "12/25/1990", "1990-12-25", "25-12-90",
    "December 25th, 1990", "cinco de marzo de mil novecientos noventa". Years of two digits are the
    latest that have begun. Where the month usually comes first, AmbiguousDateError is raised for
    numbers that may be read in both ways.
    """
    if not isinstance(text, str):
        return text
    written = without_article(text)
    if len(written) > MAX_DATE_CHARS:
        raise ValueError("a date is shorter")
    if (found := _NUMBERS.search(written) or _EIGHT_DIGITS.search(written)) is not None:
        _require_small_words(written[: found.start()] + " " + written[found.end() :])
        return _of_numbers(*found.groups(), is_month_first_usual=is_month_first_usual)
    words = with_numbers(written)
    december = _DEZ.sub("dezembro", written)
    for reading in (words, *([with_numbers(december)] if december != written else [])):
        with suppress(ValueError):
            return _iso(*_of_words(reading))
    return _of_numbers(*_three_numbers(words), is_month_first_usual=is_month_first_usual)


def without_article(text: str) -> str:
    """Return a readable text without the article of "un 3 de marzo"."""
    return str(_ARTICLE.sub("", " ".join(_readable(text).split())))


def is_small_word(word: str) -> bool:
    """Return whether a normalised word may stand around a date, and in it."""
    return word in _SMALL_WORDS


def _iso(day: int, month: int, year: int) -> str:
    return f"{year:04}-{month:02}-{day:02}"


def _readable(text: str) -> str:
    """Plain digits and hyphens, without invisible characters."""
    if text.isascii():
        return text[:1000]
    return str(_INVISIBLE.sub("", _HYPHENS.sub("-", plain_digits(text[:1000]))))


def _require_small_words(rest: str) -> None:
    words = filter(str.isalnum, with_numbers(rest))
    if any(word not in _SMALL_WORDS for word in words):
        raise ValueError("a date has no other words")


def _of_numbers(first: str, second: str, third: str, *, is_month_first_usual: bool) -> str:
    if len(first) == 4:
        return _iso(int(third), int(second), int(first))
    if len(first) > 2:
        raise ValueError("a day has two digits")
    day, month, year = int(first), int(second), _year(third)
    if month > 12 >= day:  # as it is written in the United States
        day, month = month, day
    elif is_month_first_usual and day <= 12 and day != month:
        raise AmbiguousDateError((_iso(day, month, year), _iso(month, day, year)))
    return _iso(day, month, year)


def _three_numbers(said: Sequence[str]) -> tuple[str, str, str]:
    """Return a day, a month and a year in numbers with small words between: "3 del 4 de 1985"."""
    words = [word for word in said if word and word not in _SMALL_WORDS]
    found = [number[1] for word in words if (number := _NUMBER.fullmatch(word))]
    if not len(found) == len(words) == 3:
        raise ValueError("a date has a day, a month and a year, and no other words")
    return found[0], found[1], found[2]


def _of_words(said: Sequence[str]) -> tuple[int, int, int]:
    numbers, months = _numbers_and_months(said)
    if len(numbers) != 2 or len(months) != 1:
        raise ValueError("a date has a day, a month and a year")
    day, year = numbers if len(numbers[0]) < 3 else reversed(numbers)
    month = _month(months[0])
    assert month is not None, "it is one"
    return int(day), month, _year(year)


def numbers_and_months(written: str) -> tuple[list[str], list[str]]:
    """Return the numbers and the names of months; ValueError if there are words of no date."""
    return _numbers_and_months(with_numbers(written))


def _numbers_and_months(said: Sequence[str]) -> tuple[list[str], list[str]]:
    words = [word for one in said for word in _MARKS.split(one)]
    numbers: list[str] = []
    months: list[str] = []
    for word, following in pairwise([*words, ""]):
        if number := _NUMBER.fullmatch(word):
            numbers.append(number[1])
        elif _month(word) and not (word == "may" and following in ("i", "be")):
            months.append(word)
        elif word and word not in _SMALL_WORDS:
            raise ValueError("a date has no other words")
    return numbers, months


def number_of(text: str) -> str | None:
    """Return the only number among small words: "90" of "in the year 90"."""
    try:
        numbers, months = numbers_and_months(_readable(text))
    except ValueError:
        return None
    return numbers[0] if len(numbers) == 1 and not months else None


def month_named(word: str) -> int | None:
    """Return the month whose whole name a normalised word is."""
    return _MONTH_OF.get(word)


def _month(word: str) -> int | None:
    """Return the month that a word names: by its beginning, or with one wrong letter."""
    if len(word) < MIN_MONTH_LETTERS or word in _SMALL_WORDS:
        return None
    near = {_MONTH_OF[name] for name in _MONTH_NAMES.near(word)}
    found = _MONTHS_BY_BEGINNING.get(word, set()) | near
    if not found:  # "sept", "oct", in whichever language
        starts = (word[:end] for end in range(1, BEGINNING_LETTERS + 1))
        found = set().union(*(_MONTHS_OF_LONGER.get(one, ()) for one in starts))
    return found.pop() if len(found) == 1 else None


def _year(digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    if len(digits) != 2:
        raise ValueError("a year has two or four digits")
    year = 2000 + int(digits)
    return year if date(year, 1, 1) <= datetime.now(UTC).date() else year - 100

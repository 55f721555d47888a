"""Parts of a date among other words: the "97" of "I was born in 97"; the "26" of "not the 25"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import regex

from flow_engine.dates import month_named
from flow_engine.partial_dates import FIRST_YEAR, MAX_DAY
from flow_engine.spoken_numbers import with_numbers

#: A number, perhaps with the ending of an ordinal, or the apostrophe of "'97".
_NUMBER = regex.compile(r"'?(\d{1,4})(st|nd|rd|th|er|ro|do|to|no|vo|mo|o|a)?")
_YEAR_DIGITS = 4


@dataclass(frozen=True, slots=True)
class DateTokens:
    """Numbers and names of months in a text."""

    #: each with whether it is an ordinal
    numbers: Sequence[tuple[int, bool]]
    months: Sequence[int]
    #: all of them as they stand in the text
    words: Sequence[str]

    @property
    def is_year(self) -> bool:
        """Return whether this is a year of four digits, and nothing else."""
        return not self.months and [number >= FIRST_YEAR for number, _ in self.numbers] == [True]

    def denies(self, stored: date) -> bool:
        """Return whether a part of a day is among others: "the 26th, not the 25th"."""
        numbers = {number for number, _ in self.numbers}
        parts = {stored.year, stored.year % 100, stored.day}
        is_part = not numbers.isdisjoint(parts) or stored.month in self.months
        return is_part and len(self.numbers) + len(self.months) > 1

    def other_parts(self, stored: date, this_year: int) -> Mapping[str, int] | None:
        """Return the parts that differ from those of a day; None if it is unclear which they are.

        A number up to 31 may be a day, or a year of this century.
        """
        parts: dict[str, set[int]] = {"day": set(), "month": set(), "year": set()}
        parts["month"] = {*self.months} - {stored.month}
        denied = {number for number, _ in self.numbers} & {stored.day, stored.year % 100}
        for number, is_ordinal in self.numbers:
            if number in (stored.day, stored.year, stored.year % 100):
                continue
            if number > MAX_DAY:
                parts["year"].add(number if number >= FIRST_YEAR else FIRST_YEAR + number)
            elif is_ordinal or self.months or stored.day in denied or number > this_year % 100:
                parts["day"].add(number)
            elif stored.year % 100 in denied:
                parts["year"].add(this_year // 100 * 100 + number)
            else:
                return None
        if any(len(values) > 1 for values in parts.values()):
            return None
        return {name: values.pop() for name, values in parts.items() if values}


def date_tokens(text: str) -> DateTokens | None:
    """Return the parts of dates in a text; None if there are none, or numbers that can be none."""
    numbers: list[tuple[int, bool]] = []
    months: list[int] = []
    words: list[str] = []
    for word in with_numbers(text):
        found = _NUMBER.fullmatch(word)
        if found is not None:
            number = int(found[1])
            is_year = len(found[1]) == _YEAR_DIGITS and number >= FIRST_YEAR
            if not (is_year or (number and len(found[1]) <= len("31"))):
                return None
            numbers.append((number, bool(found[2])))
        elif (month := month_named(word)) is not None:
            months.append(month)
        elif any(map(str.isdecimal, word)):
            return None
        else:
            continue
        words.append(word)
    return DateTokens(numbers, months, words) if numbers or months else None

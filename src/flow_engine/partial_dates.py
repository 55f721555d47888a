"""A date of which people give a part: "3 March", "3/4", "March 1990", "1990"; the rest is asked."""

from dataclasses import dataclass
from datetime import UTC, datetime

import regex

from flow_engine.dates import MAX_DATE_CHARS, number_of, numbers_and_months, without_article

#: A day and a month in numbers.
_DAY_AND_MONTH = regex.compile(r"(?<![\d/.\-])(\d{1,2})[/.\-](\d{1,2})(?![\d/.\-])")
MAX_DAY, MAX_MONTH = 31, 12
#: The text that asks for what is missing.
_KEYS = {
    "year": "common.which_year",
    "day": "common.which_day",
    "month": "common.which_month",
}
#: The first year that is one without a month: "1990".
FIRST_YEAR = 1900


@dataclass(frozen=True, slots=True)
class PartialDate:
    """What somebody gave of a date."""

    #: as a date begins or ends: "3 march", "3/4", "march 1990", "1990"
    known: str
    #: "year", "day" or "month": of which a day belongs to it
    missing: str


def partial_date(text: str) -> PartialDate | None:
    """Return the part of a date that a text gives; None if it gives none, or more than a part."""
    if len(text) > MAX_DATE_CHARS:
        return None
    text = without_article(text)
    found = _DAY_AND_MONTH.search(text)
    try:
        rest = _DAY_AND_MONTH.sub(" ", text)
        numbers, months = numbers_and_months(rest)
    except ValueError:
        return None
    if found is not None:
        day, month = sorted(map(int, found.groups()), reverse=True)
        is_day = not numbers and not months and 0 < month <= MAX_MONTH and day <= MAX_DAY
        return PartialDate(found[0], "year") if is_day else None
    if len(numbers) != 1 or len(months) > 1:
        return None
    number = int(numbers[0])
    if not months:
        is_year = FIRST_YEAR <= number <= datetime.now(UTC).year
        return PartialDate(numbers[0], "month") if is_year else None
    is_day = 0 < number <= MAX_DAY and len(numbers[0]) <= 2
    known = f"{number} {months[0]}" if is_day else f"{months[0]} {numbers[0]}"
    return PartialDate(known, "year" if is_day else "day")


def key_of_rest(begun: str) -> str | None:
    """Return the key of the text that asks for the rest of a date; None if nothing was begun."""
    part = partial_date(begun)
    return _KEYS[part.missing] if part is not None else None


def completed(begun: str, text: str) -> str:
    """Return a date from the part that was given before and an answer with the rest."""
    part, missing = partial_date(begun), partial_date(text)
    if part is None:
        return text
    rest = number_of(text) or (missing.known if missing else text)
    return f"{begun} {rest}" if part.missing == "year" else f"{rest} {begun}"

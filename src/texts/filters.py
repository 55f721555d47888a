"""What a text may do with an answer: {birth_date:date}, {id_type:title}, {amount:money EUR}.

Babel writes dates, numbers and lists as people of a language do. It is imported at the first use.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import TYPE_CHECKING, Any

from flow_engine.faults import did_you_mean

if TYPE_CHECKING:
    from babel import Locale

#: How long a date is written: "3 May 1990", "03/05/1990".
DATE_FORMATS = ("short", "medium", "long", "full", "day")
#: "Mon, 3 May", for "day": as short as a row of a list.
_DAY = "MMMEd"
#: "3 May", for "when".
_DATE = "MMMMd"
#: Formats of numbers, such as ".2f", ",", "+d" and "03".
_NUMBER_FORMAT = re.compile(r"[<>=^+ #-]*[0-9]{0,2}[,_]?(\.[0-9]{1,2})?[bcdeEfFgGnoxX%]?")
#: Longest number that is written with separators; Babel computes with 28 digits, and two of them
#: may be cents.
MAX_DIGITS = 24


@dataclass(frozen=True, slots=True)
class Wording:
    """What filters need to know of a language, and of the text that uses them."""

    #: such as "en_001" or "es_CO"
    locale: str
    #: three letters, for amounts whose text names none
    currency: str
    #: (name of the answer, option) -> title of the option; None for anything but an option
    title: Callable[[str, object], str | None]


#: (wording, name of the answer, its value, argument) -> the words
Filter = Callable[[Wording, str, Any, str], str]


def write(wording: Wording, name: str, value: object, spec: str) -> str:
    """Return a value as a filter writes it; `spec` is what follows the colon.

    Anything that the filter cannot read is shown as it is.
    """
    kind, _, argument = spec.partition(" ")
    if kind in FILTERS:
        return FILTERS[kind](wording, name, value, argument)
    if not spec or not isinstance(value, int | float):
        return plain(wording, value)
    try:
        return format(value, spec)
    except (ValueError, OverflowError):
        return str(value)


def plain(wording: Wording, value: object) -> str:
    """Return a value without a filter: a place by its name, several choices as a list."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return _received(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return listed(wording, [plain(wording, one) for one in value])
    return str(value)


def listed(wording: Wording, items: Sequence[str]) -> str:
    """Return "ham, cheese and olives"."""
    from babel.lists import format_list

    return (
        str(format_list(list(items), locale=wording.locale)) if len(items) > 1 else "".join(items)
    )


def filter_problem(spec: str) -> str | None:
    """Return what is wrong with a filter; None for a good one, and for a format of numbers.

    A width of millions would take all memory, and braces inside would name what is not given.
    """
    kind, _, argument = spec.partition(" ")
    if kind not in FILTERS:
        is_known = not spec or _NUMBER_FORMAT.fullmatch(spec)
        return None if is_known else f'the filter "{kind}" is unknown{did_you_mean(kind, FILTERS)}'
    if kind == "money":
        return None if not argument or is_currency(argument) else f"no such currency: {argument}"
    if kind == "date":
        known = not argument or argument in DATE_FORMATS
        return None if known else f"no such date: {argument}{did_you_mean(argument, DATE_FORMATS)}"
    return f'the filter "{kind}" has no argument, so not "{argument}"' if argument else None


def is_currency(code: str) -> bool:
    """Return whether this is the code of a currency, such as EUR."""
    from babel.numbers import is_currency as is_known

    return len(code) == 3 and bool(is_known(code))


def is_locale(code: str) -> bool:
    """Return whether Babel knows how people write where this is spoken."""
    from babel import UnknownLocaleError

    try:
        _locale(code)
    except (ValueError, UnknownLocaleError, TypeError):
        return False
    return True


@cache
def _locale(code: str) -> "Locale":
    from babel import Locale

    return Locale.parse(code)


def _date(wording: Wording, _name: str, value: object, argument: str) -> str:
    from babel.dates import format_date, format_datetime, format_skeleton

    length: Any = argument or "long"
    if not isinstance(value, str | date) or not str(value)[:4].isdecimal():
        return plain(wording, value)
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return plain(wording, value)
    locale = _locale(wording.locale)
    if argument == "day":
        return str(format_skeleton(_DAY, moment, locale=locale))
    if len(str(value)) > len("1990-12-25"):
        return str(format_datetime(moment, length if argument else "medium", locale=locale))
    return str(format_date(date(moment.year, moment.month, moment.day), length, locale=locale))


def _time(wording: Wording, _name: str, value: object, _argument: str) -> str:
    from babel.dates import format_time

    text = str(value)
    try:
        moment = datetime.fromisoformat(text if len(text) > 10 else f"2000-01-01T{text}")
    except ValueError:
        return plain(wording, value)
    return str(format_time(moment, "short", locale=_locale(wording.locale)))


def _when(wording: Wording, _name: str, value: object, _argument: str) -> str:
    """Return "Saturday 28 November, 14:00-18:00" of two times in ISO, separated by a slash."""
    from babel.dates import format_date, format_skeleton

    try:
        moments = [datetime.fromisoformat(one) for one in str(value).split("/")]
    except ValueError:
        return plain(wording, value)
    locale, day = _locale(wording.locale), moments[0]
    hours = "-".join(f"{one.hour}:{one:%M}" for one in moments)
    named = format_date(day, "EEEE", locale=locale), format_skeleton(_DATE, day, locale=locale)
    return f"{' '.join(named)}, {hours}"


def _title(wording: Wording, name: str, value: object, _argument: str) -> str:
    several = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return listed(wording, [wording.title(name, one) or plain(wording, one) for one in several])


def _money(wording: Wording, _name: str, value: object, argument: str) -> str:
    from babel.numbers import format_currency

    if (number := _number_of(value)) is None:
        return plain(wording, value)
    currency = argument or wording.currency
    return str(format_currency(number, currency, locale=_locale(wording.locale)))


def _number(wording: Wording, _name: str, value: object, _argument: str) -> str:
    from babel.numbers import format_decimal

    number = _number_of(value)
    locale = _locale(wording.locale)
    return plain(wording, value) if number is None else str(format_decimal(number, locale=locale))


def _first(wording: Wording, _name: str, value: object, _argument: str) -> str:
    return next(iter(plain(wording, value).split()), "")


def _number_of(value: object) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number.adjusted() < MAX_DIGITS else None


def _received(value: Mapping[Any, Any]) -> str:
    """Return what a person calls a place, a file or a contact that they sent."""
    parts = [value.get(part) for part in ("name", "address", "filename", "caption")]
    named = [str(part) for part in parts if part]
    if not named and "latitude" in value:
        named = [f"{value['latitude']:.5f}", f"{value['longitude']:.5f}"]
    return ", ".join(named) or "✓"


FILTERS: Mapping[str, Filter] = {
    "date": _date,
    "time": _time,
    "when": _when,
    "title": _title,
    "money": _money,
    "number": _number,
    "first": _first,
}

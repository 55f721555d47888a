"""Phone numbers as other systems write them."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

import phonenumbers

from domain.phone import canonical, digits_of

#: What people put between the digits of a number.
_WRITTEN = re.compile(r"\s*(?:\+|00)?[0-9\s().\-/\u2010-\u2015\u00a0]+")
_INTERNATIONAL = re.compile(r"\s*(?:\+|00)")


class WrongPhone(ValueError):
    """A phone number cannot be read; the text says the next step and repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as it is dialled from abroad, in digits."""

    digits: str
    country_code: str


@lru_cache(maxsize=10_000)  # other systems write to the same people again
def read_phone(written: str, country: str | None) -> Phone:
    """Return the number that is written, in any writing; raise WrongPhone.

    Without a plus or 00, it is one of `country` (two letters), or else a number that only has
    a meaning with its own country code. What could be somebody else's is never guessed.
    """
    if not _WRITTEN.fullmatch(written):
        raise WrongPhone("Give digits with a country code, such as +34 612 345 678.")
    digits = digits_of(written)
    # Some numbers have two writings at WhatsApp, of which the network knows one.
    abroad = (f"+{write(digits)}" for write in (str, canonical))
    if _INTERNATIONAL.match(written):
        if (phone := _plainly_possible(digits)) is not None:
            return phone
        number = _first(abroad, None, phonenumbers.is_possible_number)
        if number is None:
            raise WrongPhone("No number of that country has so many digits: check it.")
        return _phone(number)
    is_valid = phonenumbers.is_valid_number
    number = _first([written], country, is_valid) if country else None
    number = number or _first(abroad, None, is_valid)
    if number is not None:
        return _phone(number)
    if country is None:
        raise WrongPhone("Begin with + and the country code, or give `defaults.country`.")
    raise WrongPhone(f"It is no number of {country}: begin with + and the country code.")


def _plainly_possible(digits: str) -> Phone | None:
    """Return a number of a possible length that nothing has to be taken away from, if it is one.

    That is nearly every number, and `phonenumbers.parse` takes ten times as long for it.
    """
    for length in (1, 2, 3):
        plan = _plan(digits[:length])
        if plan is not None:
            national = digits[length:]
            is_plain = not national.startswith("0") and not plan.prefix.match(national)
            fits = is_plain and len(national) in plan.lengths
            return Phone(digits, digits[:length]) if fits else None
    return None


@dataclass(frozen=True, slots=True)
class _Plan:
    """How numbers of a country code are dialled."""

    lengths: Collection[int]
    #: What people dial before a number inside of the country.
    prefix: re.Pattern[str]


@cache
def _plan(code: str) -> _Plan | None:
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code or 0))
    if not regions or code.startswith("0"):
        return None
    metadata = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(int(code), regions[0])
    if metadata is None or metadata.general_desc is None:
        return None
    lengths = frozenset(metadata.general_desc.possible_length)
    return _Plan(lengths, re.compile(metadata.national_prefix_for_parsing or "(?!)"))


def _first(
    writings: Iterable[str],
    country: str | None,
    fits: "Callable[[phonenumbers.PhoneNumber], bool]",
) -> "phonenumbers.PhoneNumber | None":
    parsed = (_parsed(one, country) for one in writings)
    return next((number for number in parsed if number is not None and fits(number)), None)


def _parsed(text: str, region: str | None) -> "phonenumbers.PhoneNumber | None":
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None


def _phone(number: "phonenumbers.PhoneNumber") -> Phone:
    code = str(number.country_code)
    return Phone(f"{code}{phonenumbers.national_significant_number(number)}", code)

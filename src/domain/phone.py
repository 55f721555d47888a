"""Phone numbers that are written differently and are the same account at WhatsApp."""

import re

#: Numbers that WhatsApp writes with more or fewer digits than people dial, and the short form:
#: the mobile 1 of Mexico (+52 1 ...), the ninth digit of Brazil (+55 xx 9 ..., before 6 to 9: other
#: first digits are landlines), the mobile 9 of Argentina (+54 9 ...) or its 15 after the area code,
#: and the 01 that Benin put before all numbers in 2024 (+229 01 ...).
_VARIANTS = (
    (re.compile(r"521([0-9]{10})"), r"52\1"),
    (re.compile(r"55([1-9][0-9])9([6-9][0-9]{7})"), r"55\1\2"),
    (re.compile(r"549([0-9]{10})"), r"54\1"),
    (re.compile(r"541115([0-9]{8})"), r"5411\1"),
    (re.compile(r"54([2-9][0-9]{2})15([0-9]{7})"), r"54\1\2"),
    (re.compile(r"54([2-9][0-9]{3})15([0-9]{6})"), r"54\1\2"),
    (re.compile(r"22901([0-9]{8})"), r"229\1"),
)
#: The long forms of short ones, as WhatsApp may write them.
_LONG_FORMS = (
    (re.compile(r"52([0-9]{10})"), r"521\1"),
    (re.compile(r"55([1-9][0-9])([6-9][0-9]{7})"), r"55\g<1>9\2"),
    (re.compile(r"54([0-9]{10})"), r"549\1"),
    (re.compile(r"229([0-9]{8})"), r"22901\1"),
)
#: What these begin with: most numbers have one writing.
_COUNTRIES = ("52", "54", "55", "229")
_NO_DIGIT = re.compile(r"[^0-9]")
#: Zero that people write in brackets for calls from inside the country: +44 (0)7700 900123.
_TRUNK_ZERO = re.compile(r"\(0\)")


def canonical(number: str) -> str:
    """Return the digits of a number, the same for all ways of writing it.

    Use it only to compare numbers: messages to it may not arrive.
    """
    digits = _NO_DIGIT.sub("", number)
    for pattern, short in _VARIANTS if digits.startswith(_COUNTRIES) else ():
        if match := pattern.fullmatch(digits):
            return match.expand(short)
    return digits


def digits_of(number: str) -> str:
    """Return the digits of a number that a person wrote, as it is dialled from abroad."""
    digits = _NO_DIGIT.sub("", _TRUNK_ZERO.sub("", number))
    return digits.removeprefix("00")


def other_writing(digits: str) -> str | None:
    """Return the shorter way to write a number, which a list of allowed recipients may have."""
    short = canonical(digits)
    return short if short != digits else None


def writings(digits: str) -> tuple[str, ...]:
    """Return the ways in which WhatsApp may write a number, the given one first."""
    short = canonical(digits)
    forms = _LONG_FORMS if short.startswith(_COUNTRIES) else ()
    long = [match.expand(form) for one, form in forms if (match := one.fullmatch(short))]
    return tuple(dict.fromkeys((digits, short, *long)))

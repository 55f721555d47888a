"""Phone numbers that differ in writing and are one at WhatsApp."""

import re
from collections.abc import Iterable

#: What WhatsApp writes with more digits, or fewer, than people dial: the mobile 1 of Mexico
#: (+52 1 ...), the ninth digit of Brazil (+55 xx 9 ..., of numbers that once were mobile without
#: it; with other beginnings it would be a landline), the mobile 9 of Argentina (+54 9 ...).
_VARIANTS = (
    (re.compile(r"521([0-9]{10})"), r"52\1"),
    (re.compile(r"55([1-9][0-9])9([6-9][0-9]{7})"), r"55\1\2"),
    (re.compile(r"549([0-9]{10})"), r"54\1"),
)
_NO_DIGIT = re.compile(r"[^0-9]")


def canonical(number: str) -> str:
    """The digits of a number in one of its ways of writing, the same for all of them.

    It is for comparing only: nobody may be reached under it.
    """
    digits = _NO_DIGIT.sub("", number)
    for pattern, short in _VARIANTS:
        if match := pattern.fullmatch(digits):
            return match.expand(short)
    return digits


def canonicals(numbers: Iterable[str]) -> frozenset[str]:
    return frozenset(map(canonical, numbers))

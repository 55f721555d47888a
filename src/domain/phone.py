"""Phone numbers that are written differently and are the same account at WhatsApp."""

import re

#: Numbers that WhatsApp writes with more or fewer digits than people dial, and the short form:
#: the mobile 1 of Mexico (+52 1 ...), the ninth digit of Brazil (+55 xx 9 ..., before 6 to 9: other
#: first digits are landlines), and the mobile 9 of Argentina (+54 9 ...).
_VARIANTS = (
    (re.compile(r"521([0-9]{10})"), r"52\1"),
    (re.compile(r"55([1-9][0-9])9([6-9][0-9]{7})"), r"55\1\2"),
    (re.compile(r"549([0-9]{10})"), r"54\1"),
)
_NO_DIGIT = re.compile(r"[^0-9]")


def canonical(number: str) -> str:
    """Return the digits of a number, the same for all ways of writing it.

    Use it only to compare numbers: messages to it may not arrive.
    """
    digits = _NO_DIGIT.sub("", number)
    for pattern, short in _VARIANTS:
        if match := pattern.fullmatch(digits):
            return match.expand(short)
    return digits

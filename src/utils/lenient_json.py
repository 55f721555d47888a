"""Reads JSON that is too deep or too large for Python's parser or the databases."""

import json
import math
import re
from typing import Any

#: Most levels of objects and lists; Meta's webhooks have about ten.
MAX_DEPTH = 100
#: Most digits of a whole number; Python itself reads up to 4,300.
MAX_NUMBER_DIGITS = 300

#: A bracket, or a string (also an unfinished one), whose brackets do not count.
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]|[\]}]', re.DOTALL)


def read_lenient(raw: bytes) -> Any:
    """Return the value of a JSON text; raise ValueError for anything else.

    Parts that are nested too deep, and numbers that are too large, become strings. Invalid
    UTF-8, and lone surrogates in names, become replacement characters.
    """
    try:
        return _decoder.decode(_flat(raw.decode("utf-8-sig", "replace")))
    except RecursionError:  # deep brackets that do not match
        raise ValueError("not JSON") from None


def _flat(text: str) -> str:
    """Return the text with every part that is nested too deep as a string."""
    pieces: list[str] = []
    depth = kept = 0
    for token in _TOKEN.finditer(text):
        match token[0]:
            case "[" | "{":
                depth += 1
                if depth == MAX_DEPTH + 1:
                    pieces.append(text[kept : token.start()])
                    kept = token.start()
            case "]" | "}":
                if depth == MAX_DEPTH + 1:
                    pieces.append(json.dumps(text[kept : token.end()]))
                    kept = token.end()
                depth -= 1
    return "".join([*pieces, text[kept:]])


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name.encode("utf-8", "replace").decode(): value for name, value in pairs}


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= MAX_NUMBER_DIGITS else digits


def _fraction(digits: str) -> float | str:
    number = float(digits)
    return number if math.isfinite(number) else digits


_decoder = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_whole, parse_float=_fraction, parse_constant=str
)

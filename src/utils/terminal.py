"""Colours and safe text for a terminal that a person reads."""

import os
import re
from collections.abc import Mapping
from typing import TextIO

#: Also marks that turn text around, and halves of characters, which not every file can hold.
_CONTROL_CHARACTERS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_CODES = {"red": 31, "green": 32, "cyan": 36, "dim": 2, "bold": 1}


def takes_colours(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether to colour a stream: a terminal, unless NO_COLOR; FORCE_COLOR for a pipe.

    Sources: no-color.org, force-color.org
    """
    if environ.get("NO_COLOR"):
        return False
    return bool(environ.get("FORCE_COLOR")) or stream.isatty()


def coloured(text: str, colour: str) -> str:
    """Return a text in "red", "green", "cyan", "dim" or "bold"."""
    return f"\x1b[{_CODES[colour]}m{text}\x1b[0m"


def without_control_characters(text: str) -> str:
    """Replace what would move the cursor, change colours, or turn the text around."""
    return _CONTROL_CHARACTERS.sub("?", text)

"""Keys of texts for operators who do not know them: found by their own words."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from texts.catalogue import Texts
from texts.overrides import NOT_SAID

#: Most keys that are named beside a wrong one.
MAX_KEYS = 10


def near_keys(texts: Texts, wrong: str, language: str) -> str:
    """Return keys that have these words, or whose text has them, or else similar keys.

    It is part of a sentence: " (there is ...)", or "" if none is near.
    """
    languages = [language] if language in texts.languages else texts.languages
    said = [one for name in languages for one in _said(texts.of(name))]
    words = wrong.casefold()
    having = [key for key, text in said if words in key.casefold() or words in text.casefold()]
    near = [*dict.fromkeys(having)] or get_close_matches(wrong, dict(said), MAX_KEYS)
    if not near or not words:
        return ""
    more = f" and {len(near) - MAX_KEYS} more" if len(near) > MAX_KEYS else ""
    return f" (there is {', '.join(near[:MAX_KEYS])}{more})"


def _said(texts: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Yield the key and the text of all that operators may say in other words."""
    for name, found in texts.items():
        key = f"{before}{name}"
        if key in NOT_SAID:
            continue
        if isinstance(found, Mapping):
            yield from _said(found, f"{key}.")
        elif isinstance(found, str):
            yield key, found

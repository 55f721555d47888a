"""Answers inside a sentence: "my name is Ana Pérez", "C.C. No. 1.020.300"."""

from collections.abc import Iterable

import regex

from flow_engine.languages import LANGUAGES
from flow_engine.words import normalise


def _any_of(phrases: Iterable[str]) -> str:
    """Return a pattern for one of the phrases, the longest first, with any apostrophe."""
    longest_first = sorted({*phrases}, key=len, reverse=True)
    return "|".join(regex.escape(one).replace("'", "['’]") for one in longest_first)


_NAMES = [language.names for language in LANGUAGES.values()]
#: How people introduce themselves.
_INTRODUCTION = regex.compile(
    rf"(?:(?:{_any_of(word for one in _NAMES for word in one.greetings)})\b[\s,.!]*)?"
    rf"(?:{_any_of(phrase for one in _NAMES for phrase in one.introductions)})\b[\s:,]*",
    regex.IGNORECASE,
)
#: Words before the number of a document, as `normalise` leaves them, without points.
_LABELS = frozenset(
    normalise(word) for language in LANGUAGES.values() for word in language.documents.words
)


def without_introduction(text: str) -> str:
    """Return what follows "my name is" and the like; all of it if there is no such beginning."""
    found = _INTRODUCTION.match(text.strip())
    return text.strip()[found.end() :] if found else text.strip()


def number_in(text: str) -> str:
    """Return what follows words in front of a number: "AB1020300" of "my number is AB1020300"."""
    words = text.split()
    while len(words) > 1 and normalise(words[0]).replace(".", "") in {*_LABELS, ""}:
        del words[0]
    return " ".join(words)

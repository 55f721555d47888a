"""Phrases as texts and flows write them: "(talk|speak) to [a] person" stands for four of them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from flow_engine.words import normalise

#: Patterns of so many texts are kept, since several parts of the program read them.
MAX_KEPT_PATTERNS = 10_000
#: Most phrases that one pattern may stand for.
MAX_PHRASES = 2_000
#: The place of a phrase among the words of a sentence: (start, end).
Place = tuple[int, int]
_PART = re.compile(r"\(([^()\[\]]*)\)|\[([^()\[\]]*)\]|([^\s()\[\]]+)")


@lru_cache(MAX_KEPT_PATTERNS)
def expand(pattern: str) -> tuple[str, ...]:
    """Return the normalised phrases of a pattern: (one|other) is a choice, [word] may be left out.

    Raises ValueError for odd brackets, and for more than MAX_PHRASES phrases.
    """
    if not any(mark in pattern for mark in "()[]"):
        return (normalise(pattern),)
    if any(mark in _PART.sub("", pattern) for mark in "()[]") or "()" in pattern:
        raise ValueError(f"{pattern} has a bracket without its partner")
    parts = [_alternatives(found) for found in _PART.finditer(pattern)]
    total = 1
    for part in parts:
        total *= len(part)
    if total > MAX_PHRASES:
        raise ValueError(f"{pattern} stands for {total} phrases, and {MAX_PHRASES} are the most")
    phrases = [""]
    for part in parts:
        phrases = [
            f"{begun} {word}" if begun and word else begun or word
            for begun in phrases
            for word in part
        ]
    return tuple(phrases)


def _alternatives(found: re.Match[str]) -> Sequence[str]:
    required, optional, word = found.groups()
    if word is not None:
        return [normalise(word)]
    inside = required if required is not None else optional
    return [*map(normalise, inside.split("|")), *([""] if required is None else [])]


def expand_all(patterns: Iterable[str]) -> frozenset[str]:
    """Return the phrases of several patterns, also as people write them without apostrophes."""
    phrases = {phrase for pattern in patterns for phrase in expand(pattern) if phrase}
    return frozenset(phrases | {one.replace("'", "") for one in phrases if "'" in one})


class Phrases:
    """Phrases that are searched for in sentences."""

    def __init__(self, phrases: frozenset[str]) -> None:
        self._phrases = phrases
        #: most words of the phrases that begin with a word: few words of a sentence begin any
        self._longest: dict[str, int] = {}
        for phrase in phrases:
            first, words = phrase.partition(" ")[0], phrase.count(" ") + 1
            if words > self._longest.get(first, 0):
                self._longest[first] = words

    def __contains__(self, phrase: object) -> bool:
        return phrase in self._phrases

    def find(self, words: Sequence[str]) -> Iterator[Place]:
        """Yield the places of phrases among the words of a sentence.

        One of the words may be several, as "a/b" is when it is normalised.
        """
        for start, word in enumerate(words):
            longest = self._longest.get(word.partition(" ")[0])
            if longest is None:
                continue
            for end in range(start + 1, min(start + longest, len(words)) + 1):
                if " ".join(words[start:end]) in self._phrases:
                    yield start, end


def is_made_of(words: Sequence[str], wanted: Phrases, others: Phrases) -> bool:
    """Return whether words are phrases of both kinds from end to end, with one that is wanted."""
    places = [*wanted.find(words)]
    return bool(places) and is_covered(len(words), places, others.find(words))


def is_covered(count: int, wanted: Iterable[Place], others: Iterable[Place]) -> bool:
    """Return whether places cover so many words from end to end, with one that is wanted."""
    #: places reached from the beginning without, and with a wanted phrase
    plain, with_wanted = {0}, set[int]()
    found = [*((place, True) for place in wanted), *((place, False) for place in others)]
    for (start, end), is_wanted in sorted(found):
        if start in with_wanted or (is_wanted and start in plain):
            with_wanted.add(end)
        if start in plain and not is_wanted:
            plain.add(end)
    return count in with_wanted

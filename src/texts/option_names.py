"""Finds the names of options among the words of a sentence."""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from flow_engine.phrases import Phrases
from flow_engine.typos import Typos

#: Options whose names are kept as they are searched for; loaded options have no end.
MAX_KEPT_OPTIONS = 500
#: An option, and the place of its name among the words.
Found = list[tuple[str, tuple[int, int]]]


def spans_of(words: Sequence[str], names: Mapping[str, Collection[str]]) -> Found:
    """Find names as they are."""
    return [
        (option, place)
        for option, meant in names.items()
        for place in _phrases(frozenset(meant)).find(words)
    ]


def near_spans_of(words: Sequence[str], names: Mapping[str, Collection[str]]) -> Found:
    """Find names with a typo, and those of several: "workshops"."""
    found: Found = []
    for option, meant in names.items():
        typos = _typos(frozenset(meant))
        longest = max((name.count(" ") + 1 for name in meant), default=0)
        for start in range(len(words)):
            for end in range(start + 1, min(start + longest, len(words)) + 1):
                if typos.find(" ".join(words[start:end])) is not None:
                    found.append((option, (start, end)))
    return found


def longest_spans_of(words: Sequence[str], names: Mapping[str, Collection[str]]) -> Found:
    """Find names, also with a typo; of one inside a longer one, only the longer."""
    found = spans_of(words, names) or near_spans_of(words, names)
    return [
        (option, (start, end))
        for option, (start, end) in found
        if not any(a <= start and end <= b and b - a > end - start for _, (a, b) in found)
    ]


@lru_cache(MAX_KEPT_OPTIONS)
def _phrases(names: frozenset[str]) -> Phrases:
    return Phrases(names)


@lru_cache(MAX_KEPT_OPTIONS)
def _typos(names: frozenset[str]) -> Typos:
    return Typos(names)

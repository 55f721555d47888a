"""Finds the answer to a question in people's own words: SQLite's trigrams, then a word count.

Trigrams find candidates despite typos and endings; how much of the question they cover decides
whether one is the answer, or only near to it.
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import snowballstemmer

from features.faq.entry import FaqEntry
from flow_engine.languages import LANGUAGES
from flow_engine.words import normalise

STEMMERS = {
    code: snowballstemmer.stemmer(language.search.stemmer)
    for code, language in LANGUAGES.items()
    if language.search.stemmer is not None
}
#: Words that say nothing of what a question is about.
COMMON = frozenset(
    word for language in LANGUAGES.values() for word in language.search.common.split()
)
CANDIDATES = 8
#: Characters that are looked up: with 4,096 of them the event loop would wait for half a second.
MAX_QUESTION_CHARS = 300
#: Share of the words of a question that an entry must have, to be its answer, or near to it.
ANSWERS = 0.67
NEAR = 0.34
#: By how much it must be better than the next one.
MARGIN = 0.15
MAX_SUGGESTIONS = 3
#: What a word weighs that no entry has; others weigh 1.
UNKNOWN = 0.5
#: Two words are one from here on (0 to 1): "opening" and "openings", "horario" and "horarios".
ALIKE = 0.8


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The answer, if there is one; else what the person may have meant."""

    answer: FaqEntry | None = None
    suggestions: tuple[FaqEntry, ...] = ()


class FaqIndex:
    """Some entries, ready to be asked."""

    def __init__(self, entries: Sequence[FaqEntry]) -> None:
        self._entries = list(entries)
        self._stems = [_stems_of(one) for one in self._entries]
        #: what any entry has: other words say less of what a question is about
        self._known = frozenset().union(*self._stems)
        self._index = sqlite3.connect(":memory:", check_same_thread=False)
        self._index.execute("CREATE VIRTUAL TABLE entry USING fts5(words, tokenize = 'trigram')")
        words = [(place, " ".join(sorted(stems))) for place, stems in enumerate(self._stems)]
        self._index.executemany("INSERT INTO entry (rowid, words) VALUES (?, ?)", words)

    @property
    def is_known(self) -> bool:
        """Whether there is anything at all."""
        return bool(self._entries)

    def find(self, text: str, language: str) -> SearchResult:
        asked = _stems(text[:MAX_QUESTION_CHARS], language)
        scored = [
            (self._entries[place], self._share(asked, place))
            for place in self._candidates(asked, language)
        ]
        scored.sort(key=lambda pair: pair[1], reverse=True)
        if not scored or scored[0][1] < NEAR:
            return SearchResult()
        best, share = scored[0]
        runner_up = max((one for _, one in scored[1:]), default=0.0)
        if share >= ANSWERS and share - runner_up >= MARGIN:
            return SearchResult(best)
        return SearchResult(
            suggestions=tuple(one for one, found in scored if found >= NEAR)[:MAX_SUGGESTIONS]
        )

    def get(self, entry_id: str) -> FaqEntry | None:
        return next((one for one in self._entries if one.id == entry_id), None)

    def _candidates(self, asked: Sequence[str], language: str) -> Iterator[int]:
        """The places of entries that have something of it."""
        grams = {word[at : at + 3] for word in asked for at in range(max(len(word) - 2, 0))}
        query = " OR ".join(f'"{gram}"' for gram in sorted(grams))
        if not query:
            return
        found = self._index.execute(
            "SELECT rowid FROM entry WHERE entry MATCH ? ORDER BY rank LIMIT ?",
            (query, CANDIDATES * 2),
        )
        for (place,) in found.fetchall():
            if self._entries[place].language in (None, language):
                yield place

    def _share(self, asked: Sequence[str], place: int) -> float:
        """How much of what was asked an entry has."""
        weights = [1.0 if word in self._known else UNKNOWN for word in asked]
        found = [any(_is_alike(one, word) for word in self._stems[place]) for one in asked]
        # A word with a typo is as good as the word.
        weights = [1.0 if hit else weight for hit, weight in zip(found, weights, strict=True)]
        return sum(found) / sum(weights)


def _stems_of(entry: FaqEntry) -> frozenset[str]:
    text = " ".join((entry.question, *entry.also))
    languages = [entry.language] if entry.language else list(STEMMERS)
    return frozenset(stem for language in languages for stem in _stems(text, language))


def _stems(text: str, language: str | None) -> list[str]:
    """The words that say something, without their endings: "opening", "opens" -> "open"."""
    words = [word for word in re.findall(r"\w+", normalise(text)) if word not in COMMON]
    stemmer = STEMMERS.get(language or "")
    return words if stemmer is None else [stemmer.stemWord(word) for word in words]


def _is_alike(one: str, other: str) -> bool:
    if one == other:
        return True
    return len(one) > 3 and SequenceMatcher(None, one, other).ratio() >= ALIKE

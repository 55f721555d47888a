"""Finds the answer to a question in people's own words: SQLite's trigrams, then a word count.

Trigrams find candidates despite typos and endings; how much of the question they cover decides
whether one is the answer, or only near to it.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from features.faq.entry import FaqEntry
from features.faq.stems import is_alike, small_words, stems, stems_of, whole_stems_of
from flow_engine.short_forms import spelled_out
from flow_engine.typos import is_among, things_in, words_in
from flow_engine.words import normalise

#: Entries of one language that are compared with a question.
CANDIDATES = 16
#: Characters that are looked up: with 4,096 of them the event loop would wait for half a second.
MAX_QUESTION_CHARS = 300
#: Share of the words of a question that an entry must have, to be its answer, or near to it.
ANSWERS = 0.67
NEAR = 0.34
#: The same for an entry that nothing else is near to.
ALONE = 0.6
#: By how much it must be better than the next one.
MARGIN = 0.15
#: Fewest words of a question that gets an answer: one word may mean anything, and gets suggestions.
ANSWERED_WORDS = 2
MAX_SUGGESTIONS = 3
#: What a word weighs that no entry has; others weigh 1.
UNKNOWN = 0.5


#: Tells whether the words of a text deny something.
Denies = Callable[[Sequence[str]], bool]


def _never(_words: Sequence[str]) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The answer, if there is one; else what the person may have meant."""

    answer: FaqEntry | None = None
    suggestions: tuple[FaqEntry, ...] = ()
    #: Share of the words of the question that the best entry has.
    share: float = field(default=0.0, compare=False)
    #: Whether the question is one of the wordings of the answer.
    is_asked: bool = field(default=False, compare=False)
    #: Whether the question names a thing that no entry has: "how much is the *parking*".
    is_of_other: bool = field(default=False, compare=False)


class FaqIndex:
    """Some entries, ready to be asked."""

    def __init__(self, entries: Sequence[FaqEntry], denies: Denies = _never) -> None:
        """Index entries; `denies` tells whether the words of a text deny something.

        The words of "I cannot come" are found only by those who deny something, too: "I want to
        come" asks nothing of the kind.
        """
        #: In the order in which they were given.
        self.entries = list(entries)
        self._denies = denies
        self._stems = [self._found_by(one) for one in self.entries]
        #: the same, without the wordings that deny something
        self._plain = [self._found_by(self._without_denials(one)) for one in self.entries]
        #: what any entry has: other words say less of what a question is about
        self._known = frozenset().union(*self._stems)
        #: of each entry, the words that are a whole wording: "price", but not "bring" alone
        self._whole = [whole_stems_of(self._without_denials(one)) for one in self.entries]
        #: the same as they are written
        self._words = frozenset(
            word for one in self.entries for word in words_in(" ".join((one.question, *one.also)))
        )
        self._languages = sorted({one.language for one in self.entries if one.language})
        self._wordings = {
            (spelled_out(normalise(wording)), one.language): one
            for one in reversed(self.entries)
            for wording in (*one.also, one.question)
        }
        self._index = sqlite3.connect(":memory:", check_same_thread=False)
        self._index.execute("CREATE VIRTUAL TABLE entry USING fts5(words, tokenize = 'trigram')")
        words = [(place, " ".join(sorted(found))) for place, found in enumerate(self._stems)]
        self._index.executemany("INSERT INTO entry (rowid, words) VALUES (?, ?)", words)

    def with_entries(self, entries: Sequence[FaqEntry]) -> "FaqIndex":
        """Return an index of other entries, that reads them in the same way."""
        return FaqIndex(entries, self._denies)

    def _found_by(self, entry: FaqEntry) -> frozenset[str]:
        """Return the words by which an entry is found, besides its whole wordings."""
        return frozenset() if entry.is_exact else stems_of(entry)

    def _without_denials(self, entry: FaqEntry) -> FaqEntry:
        kept = (one for one in entry.also if not self._denies(normalise(one).split()))
        return replace(entry, also=tuple(kept))

    @property
    def is_known(self) -> bool:
        """Whether there is anything at all."""
        return bool(self.entries)

    def find(
        self,
        text: str,
        language: str,
        readings: Sequence[str] = (),
        *,
        is_sure: bool = True,
        suggests_others: bool = True,
        is_question: bool = False,
    ) -> SearchResult:
        """Find the answer to a question, in the language it is written in, or else in another one.

        `readings` are the question with and without the courtesy around it, the longest first. A
        text that is not surely a question gets suggestions only; those of other languages only if
        it may be written in one of them (`suggests_others`). A question (`is_question`) is
        answered by an entry that nothing else is near to.
        """
        asked = text[:MAX_QUESTION_CHARS]
        readings = [spelled_out(one) for one in readings or (normalise(asked),)]
        named = {*things_in(readings[0], words_in(readings[0]))}  # "the show" is no courtesy
        readings = [one for one in readings if named.issubset(words_in(one))]
        languages = self._languages_of(asked, language)
        if (entry := self._entry_asked(readings, languages)) is not None:
            return SearchResult(entry, share=1.0, is_asked=True)
        question = self._without_courtesy(readings)
        is_of_other = any(not is_among(one, self._words) for one in things_in(question))
        may_answer = is_sure and len(question.split()) >= ANSWERED_WORDS and not is_of_other
        for one in languages:
            is_written_in = one == language or small_words(asked, one) > 0
            least = ALONE if is_question else 1.0
            found = self._find_in(
                one, question, may_answer=may_answer and is_written_in, alone=least
            )
            is_likely = suggests_others and (is_written_in or found.share >= ANSWERS)
            is_of_use = found.answer is not None or one == language or is_likely
            if found.share >= NEAR and is_of_use:
                return replace(found, is_of_other=is_of_other)
        return SearchResult()

    def _languages_of(self, text: str, language: str) -> Sequence[str]:
        """Return the languages of entries, that with the most of its small words in it first."""
        others = [one for one in self._languages if one != language]
        return sorted([language, *others], key=lambda one: -small_words(text, one))

    def _without_courtesy(self, readings: Sequence[str]) -> str:
        """Return the shortest reading that has lost no word that an entry has: "open" is one."""
        kept = (one for one in reversed(readings) if self._keeps_words(readings[0], one))
        return next(kept, readings[0])

    def _keeps_words(self, whole: str, reading: str) -> bool:
        """Return whether a reading has lost no word that an entry has."""
        left_out = set(whole.split()) - set(reading.split())
        lost = (stem for one in self._languages for stem in stems(" ".join(left_out), one))
        return self._known.isdisjoint(lost)

    def _entry_asked(self, readings: Sequence[str], languages: Sequence[str]) -> FaqEntry | None:
        """Return the entry that is asked in its own words; of two, that of the team."""
        kept = (one for one in readings if self._keeps_words(readings[0], one))
        whole = [one for one in kept if len(one.split()) >= ANSWERED_WORDS]
        places = ((reading, one) for one in (*languages, None) for reading in whole)
        found = [self._wordings[place] for place in places if place in self._wordings]
        of_any = (one for one in found if one.language is None)  # the team's, if it stands before
        return min((*found[:1], *of_any), key=self.entries.index, default=None)

    def _find_in(self, language: str, text: str, *, may_answer: bool, alone: float) -> SearchResult:
        """Find the answer among the entries of one language."""
        asked = stems(text, language)
        known = self._stems if self._denies(text.split()) else self._plain
        scored = [
            (self.entries[place], self._share(asked, known[place]))
            for place in self._candidates(asked, language)
        ]
        scored.sort(key=lambda pair: pair[1], reverse=True)
        if not scored or scored[0][1] < NEAR:
            return SearchResult()
        best, share = scored[0]
        runner_up = max((one for _, one in scored[1:]), default=0.0)
        is_best = share >= ANSWERS and share - runner_up >= MARGIN
        if may_answer and is_best and self._is_asked(asked, best, known):
            return SearchResult(best, share=share)
        is_alone = may_answer and share >= alone and runner_up < NEAR
        if is_alone and self._is_asked(asked, best, known):
            return SearchResult(best, share=share)
        near = tuple(one for one, found in scored if found >= NEAR)[:MAX_SUGGESTIONS]
        return SearchResult(suggestions=near, share=share)

    def _is_asked(
        self, asked: Sequence[str], entry: FaqEntry, known: Sequence[frozenset[str]]
    ) -> bool:
        """Return whether a question has two words of an entry, or one that is a wording of it."""
        place = self.entries.index(entry)
        found = {word for word in asked if any(is_alike(word, one) for one in known[place])}
        return len(found) > 1 or any(
            is_alike(word, one) for word in found for one in self._whole[place]
        )

    def get(self, entry_id: str) -> FaqEntry | None:
        return next((one for one in self.entries if one.id == entry_id), None)

    def _candidates(self, asked: Sequence[str], language: str) -> Iterator[int]:
        """Yield the places of entries that have something of it."""
        grams = {word[at : at + 3] for word in asked for at in range(max(len(word) - 2, 0))}
        query = " OR ".join(f'"{gram}"' for gram in sorted(grams))
        if not query:
            return
        rows = self._index.execute(
            "SELECT rowid FROM entry WHERE entry MATCH ? ORDER BY rank LIMIT ?",
            (query, CANDIDATES * max(1, len(self._languages))),
        )
        for (place,) in rows.fetchall():
            if self.entries[place].language in (None, language):
                yield place

    def _share(self, asked: Sequence[str], words: Collection[str]) -> float:
        """How much of what was asked an entry has."""
        weights = [1.0 if word in self._known else UNKNOWN for word in asked]
        found = [any(is_alike(one, word) for word in words) for one in asked]
        # A word with a typo is as good as the word.
        weights = [1.0 if hit else weight for hit, weight in zip(found, weights, strict=True)]
        return sum(found) / sum(weights)

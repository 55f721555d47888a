"""The language that an ordinary sentence is written in, by the words of the texts of all languages.

Only what is certain counts: a name, a number or a single word borrowed from another language is no
sentence, and neither is a text whose words two languages have.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flow_engine.languages import LANGUAGES, Language
from flow_engine.phrases import expand_all
from flow_engine.sentences import PARTICLES
from flow_engine.words import normalise, plain_digits

#: Fewest words of a sentence; a sign such as "¿" counts as one.
MIN_WORDS = 3
#: Most characters that are looked at.
MAX_CHARS = 1000
#: Fewest words that only one language has, in a sentence whose other words say nothing.
MIN_OWN_WORDS = 2
#: Fewest words of a language in a sentence that has one word of its own.
MIN_KNOWN_WORDS = 3
#: How many times the own words of any other language there have to be.
TIMES_OTHERS = 3
#: Parameters, links, and marks of patterns in texts.
_NO_WORDS = re.compile(r"\{[^}]*\}|\S+://\S+|[\[\](){}|*_]")
#: Lists of sounds that mean nothing: "je" laughs in Spanish, and is a word of French; and examples
#: of questions, which have names, and words that are spelled anyhow.
_NO_SENTENCES = frozenset({"laughter", "examples"})
#: A word with its hyphen is one: the "lo" of Portuguese "vê-lo" is no Spanish word.
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


class WrittenLanguage:
    """Tells languages apart. `languages` are the texts of each, as their files have them."""

    def __init__(self, languages: Mapping[str, Mapping[str, Any]]) -> None:
        # A language whose texts are still those of another one has no such words yet.
        known = {
            one: frozenset(_words_of(one, texts))
            for one, texts in languages.items()
            if one in LANGUAGES and LANGUAGES[one].writing.words.strip()
        }
        # "Ana María de la Cruz" says nothing of the language that Ana writes.
        self._known = {one: words - PARTICLES for one, words in known.items()}
        self._own = {
            one: words.difference(*(self._known[other] for other in known if other != one))
            for one, words in self._known.items()
        }
        self._marks = {one: LANGUAGES[one].writing.marks for one in known}

    def of(self, text: str) -> str | None:
        """Return the language of a sentence; None unless it is certain."""
        words = _evidence(text[:MAX_CHARS])
        own = {one: self._own_words(one, text, words) for one in self._known}
        if len(own) < 2:
            return None
        best, *others = sorted(own, key=lambda one: own[one], reverse=True)
        is_sentence = len(words) + self._has_mark(best, text) >= MIN_WORDS
        is_sure = own[best] >= max(1, TIMES_OTHERS * own[others[0]])
        if not is_sentence or not is_sure:
            return None
        known = {one: len(self._known[one].intersection(words)) for one in self._known}
        is_ahead = all(known[best] > known[one] for one in others)
        is_whole = known[best] >= max(MIN_KNOWN_WORDS, len(words) / 2)
        return best if own[best] >= MIN_OWN_WORDS or (is_ahead and is_whole) else None

    def leaning(self, text: str) -> str | None:
        """Return the only language that has words of a text to itself: it may be a single one."""
        words = _evidence(text[:MAX_CHARS])
        found = [one for one in self._known if self._own_words(one, text, words)]
        return found[0] if len(found) == 1 else None

    def knows(self, word: str) -> bool:
        """Return whether a normalised word is one of any language, and not a name's "de la"."""
        return any(word in words for words in self._known.values())

    def _own_words(self, language: str, text: str, words: Sequence[str]) -> int:
        """Count words, and signs such as "ñ", that only one language has."""
        return len(self._own[language].intersection(words)) + self._has_mark(language, text)

    def _has_mark(self, language: str, text: str) -> bool:
        return any(mark in text.casefold() for mark in self._marks.get(language, ()))


def _evidence(text: str) -> Sequence[str]:
    """Return the words of a text, without names: those with a capital behind the first word."""
    written = _WORD.findall(plain_digits(text))
    is_shouted = text.isupper()
    words = [
        word
        for place, word in enumerate(written)
        if place == 0 or is_shouted or not word[0].isupper()
    ]
    return [normalise(word) for word in words]


def _words_of(code: str, texts: Mapping[str, Any]) -> Iterator[str]:
    """Yield all words that the program knows of a language: what it says, and what it hears."""
    lines = (_NO_WORDS.sub(" ", text) for text in _strings(texts))
    yield from map(normalise, {word for line in lines for word in _WORD.findall(line)})
    if (language := LANGUAGES.get(code)) is not None:
        for phrase in expand_all(_small_words(language)):
            yield from phrase.split()


def _small_words(language: Language) -> Iterator[str]:
    names = language.names
    yield from language.search.common.split()
    yield from language.writing.words.split()
    yield from (*names.introductions, *names.greetings, *names.closings, *names.not_in_names)
    yield from (*language.documents.words, *language.dates.words)
    for words in (*language.dates.months, *language.numbers.units, *language.numbers.tens):
        yield from words.split(",")


def _strings(texts: object) -> Iterator[str]:
    if isinstance(texts, str):
        yield texts
    elif isinstance(texts, Mapping):
        for name, one in texts.items():
            if name not in _NO_SENTENCES:
                yield from _strings(one)
    elif isinstance(texts, Sequence):
        for one in texts:
            yield from _strings(one)

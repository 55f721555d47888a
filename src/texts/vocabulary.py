"""What people mean by a short message, in any language: the tables `words` of the texts."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from flow_engine.words import MAX_KEYWORD_CHARS, as_keyword, normalise, readings
from texts.required import SMALL_TALK

#: Most words of a message that is searched for the name of an option.
MAX_CHOICE_WORDS = 10

#: Most words that show a message to be a question: "do you have".
MAX_QUESTION_START = 3

#: "2", "2nd", "2." or "2º": `normalise` makes letters of raised ones.
_PLACE = re.compile(r"(\d{1,3})(?:st|nd|rd|th|o|a)?")


class Vocabulary:
    """The words of all languages, by group. `languages` are the tables `words` by language."""

    def __init__(self, languages: Mapping[str, Mapping[str, Any]]) -> None:
        self._by_language = {
            language: {group: frozenset(map(normalise, words)) for group, words in table.items()}
            for language, table in languages.items()
        }
        self._groups: dict[str, frozenset[str]] = {}
        for groups in self._by_language.values():
            for group, words in groups.items():
                self._groups[group] = self._groups.get(group, frozenset()) | words
        self._places = {
            normalise(word): place
            for table in languages.values()
            for place, words in enumerate(table.get("numbers", ()), start=1)
            for word in words.split(",")
        }
        #: A message is compared with many groups.
        self._cached = lru_cache(maxsize=16)(self._read)

    @property
    def _courtesy(self) -> frozenset[str]:
        return self._groups.get("courtesy", frozenset())

    def readings(self, text: str) -> Sequence[str]:
        """Return what a whole message may be taken for, with and without courtesy around it."""
        return self._cached(text)

    def _read(self, text: str) -> Sequence[str]:
        return readings(as_keyword(text), self._courtesy)

    def is_word(self, group: str, text: str) -> bool:
        """Return whether a message is a word of this group, with or without courtesy around it."""
        return not self._groups[group].isdisjoint(self.readings(text))

    def is_courtesy(self, text: str) -> bool:
        """Return whether a message is nothing but a greeting, or words around others."""
        around = self._groups["greeting"] | self._courtesy
        return not around.isdisjoint(readings(as_keyword(text), around)[-1:])

    def is_in(self, group: str, word: str) -> bool:
        """Return whether a normalised word or phrase is one of a group."""
        return word in self._groups[group]

    def asks(self, text: str) -> bool:
        """Return whether a message looks like a question: a mark, or how questions begin."""
        if "?" in text or "¿" in text:
            return True
        words = as_keyword(text[:MAX_KEYWORD_CHARS]).split()
        starts = (" ".join(words[:length]) for length in range(1, MAX_QUESTION_START + 1))
        return not self._groups["question"].isdisjoint(starts)

    def is_greeting(self, text: str) -> bool:
        """Return whether a message greets, and at most calls somebody by a name."""
        greeting, message = self._groups["greeting"], as_keyword(text)
        starts = (word for word in greeting if f"{message} ".startswith(f"{word} "))
        if not (first := max(starts, key=len, default="")):
            return False
        rest = message.removeprefix(first).strip()
        around = greeting | self._courtesy
        return len(rest.split()) <= 1 or not around.isdisjoint(readings(rest, around)[-1:])

    def small_talk(self, text: str) -> str | None:
        """Return the group of a message that only thanks, says goodbye or the like."""
        return next((group for group in SMALL_TALK if self.is_word(group, text)), None)

    def place_of(self, text: str) -> int | None:
        """Return the number that a message is: 2 for "2", "2nd" or "number 2"."""
        found = (_PLACE.fullmatch(reading) for reading in self.readings(text))
        return next((int(place[1]) for place in found if place), None)

    def place_in_words(self, text: str) -> int | None:
        """Return the number that a message says in words: 2 for "two" or "the second one"."""
        found = (self._places.get(reading) for reading in self.readings(text))
        return next((place for place in found if place), None)

    def option_in(self, text: str, names: Mapping[str, Collection[str]]) -> str | None:
        """Return the only option that a sentence names; None if it asks, denies, or names more.

        `names` are the normalised names of each option.
        """
        sentence = as_keyword(text)
        words = sentence.split()
        if "?" in text or len(words) > MAX_CHOICE_WORDS or self._denies(words):
            return None
        found = [
            option
            for option, meant in names.items()
            if any(name and f" {name} " in f" {sentence} " for name in meant)
        ]
        return found[0] if len(found) == 1 else None

    def language_named(self, text: str) -> str | None:
        """Return the language that a message asks for: "es" for "en español, por favor"."""
        for language, groups in self._by_language.items():
            if not groups["language"].isdisjoint(self.readings(text)):
                return language
        return None

    def language_of(self, text: str) -> str | None:
        """Return the only language that has a whole message among its words: "es" for "hola"."""
        keyword = as_keyword(text)
        found = [
            language for language, groups in self._by_language.items() if keyword in _all(groups)
        ]
        return found[0] if len(found) == 1 else None

    def _denies(self, words: Sequence[str]) -> bool:
        return not self._groups.get("negation", frozenset()).isdisjoint(words)


def _all(groups: Mapping[str, frozenset[str]]) -> Iterator[str]:
    return (word for group, words in groups.items() if group != "language" for word in words)

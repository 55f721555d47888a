"""What people mean by a short message, in any language: the tables `words` of the texts."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property, lru_cache
from typing import Any

from flow_engine.phrases import Phrases, expand_all, is_made_of
from flow_engine.short_forms import spelled_out
from flow_engine.typos import Typos, unstretched
from flow_engine.words import MAX_KEYWORD_CHARS, as_keyword
from texts.reading import Reading
from texts.small_talk import small_talk_in
from texts.word_groups import WordGroups

#: Groups whose words are never guessed: no typos, no words in between.
EXACT = frozenset({"opt_out", "opt_in", "no_offers", "offers", "refusing", "language"})
#: Groups whose words say nothing of the language that they are written in, as do those of groups
#: that end in "_around": what may stand around other words.
OF_NO_LANGUAGE = (
    *("choosing", "giving", "language", "language_switch", "laughter", "needing", "option_nouns"),
    *("others", "registering"),
)
#: Groups whose words may stand around the name of a language.
AROUND_LANGUAGES = ("courtesy", "filler", "language_switch")
#: Messages, and parts of them, of which is kept what they may mean.
MAX_KEPT = 16
#: Most words of a sentence that is searched for a phrase.
MAX_SENTENCE_WORDS = 24
#: What stands between the parts of a sentence.
_CLAUSES = re.compile(r"[,;.!?:\n]+")
#: Sentences with the marks behind them.
_SENTENCES = re.compile(r"[^.!?\n]+[.!?\n]*")
#: Most words that begin a question: "do you have".
MAX_QUESTION_START = 3


class Vocabulary:
    """The words of all languages, by group. `languages` are the tables `words` by language."""

    def __init__(self, languages: Mapping[str, Mapping[str, Any]]) -> None:
        self._by_language = {
            language: {group: expand_all(words) for group, words in table.items()}
            for language, table in languages.items()
        }
        self._groups: dict[str, frozenset[str]] = {}
        for groups in self._by_language.values():
            for group, words in groups.items():
                self._groups[group] = self._groups.get(group, frozenset()) | words
        #: the words for each number, by language
        self.numbers = [list(table.get("numbers", ())) for table in languages.values()]
        self._index = WordGroups(self._groups)
        # All stages ask for the same messages; of what people wrote, only the last is remembered.
        self._reading = lru_cache(MAX_KEPT)(lambda keyword: Reading(keyword, self._index))
        self._clauses = lru_cache(MAX_KEPT)(_clauses_of)
        self.phrases = cache(self._phrases_of)

    def words(self, *groups: str) -> frozenset[str]:
        """Return the words of some groups; none of those that no language has."""
        if len(groups) == 1:
            return self._groups.get(groups[0], frozenset())
        if groups not in self._unions:
            self._unions[groups] = frozenset().union(*map(self.words, groups))
        return self._unions[groups]

    def words_in(self, language: str, group: str) -> frozenset[str]:
        """Return the words of a group in one language."""
        return self._by_language[language][group]

    @cached_property
    def _unions(self) -> dict[tuple[str, ...], frozenset[str]]:
        return {}

    def _phrases_of(self, *groups: str) -> Phrases:
        """Return the words of some groups, to be searched for in sentences."""
        return Phrases(self.words(*groups))

    def readings(self, text: str) -> Sequence[str]:
        """Return what a whole message may be taken for, with and without courtesy around it."""
        return self._read(text).readings

    def loose_readings(self, text: str) -> Sequence[str]:
        """Return the readings, and those of the message without stretched letters: "heyyy"."""
        return self._read(text).loose_readings

    def _read(self, text: str) -> Reading:
        return self._reading(as_keyword(text))

    def is_word(self, group: str, text: str) -> bool:
        """Return whether a message is a word of this group, with or without courtesy around it.

        Typos, stretched letters and fillers in between do not matter, except in EXACT groups.
        """
        if group not in self._groups:
            raise KeyError(group)
        reading = self._read(text)
        return group in reading.groups or (group not in EXACT and group in reading.loose_groups)

    def without_typo(self, text: str, known: Typos) -> str | None:
        """Return the known phrase that a message is with one letter wrong; never a real word."""
        for reading in self.loose_readings(text):
            if reading not in self._index and (found := known.find(reading)) is not None:
                return found
        return None

    @property
    def around(self) -> Phrases:
        """What may stand around and between the words that matter."""
        return self.phrases("courtesy", "filler")

    def has_phrase(self, group: str, text: str) -> bool:
        """Return whether a sentence has a phrase of a group in it, and does not deny it."""
        return self.asks_for(self._index.phrases(group), text, even_how=True)

    def asks_for(self, phrases: Phrases, text: str, *, even_how: bool = False) -> bool:
        """Return whether a sentence has one of these phrases in it, and no word that denies it.

        "How do I sign up?" only asks about it: such words in front of the phrase count, too, unless
        `even_how`.
        """
        if len(as_keyword(text).split()) > MAX_SENTENCE_WORDS:
            return False
        groups = ("negation",) if even_how else ("negation", "asking")
        # "No, let me talk to somebody" denies something else, and so does "no better the workshop".
        corrected = self._index.phrases("correction")
        return any(
            not any(self.has_any(group, words[behind:start]) for group in groups)
            for words in self._clauses(text)
            if (places := [*phrases.find(words)])
            for behind in [max((end for at, end in corrected.find(words) if at == 0), default=0)]
            for start, _ in places
        )

    def is_courtesy(self, text: str) -> bool:
        """Return whether a message is nothing but a greeting, or words around others."""
        words = as_keyword(text).split()
        courtesies = self.phrases("courtesy", "greeting")
        return is_made_of(words, courtesies, courtesies)

    def asks(self, text: str) -> bool:
        """Return whether a message looks like a question: a mark, or how questions begin."""
        if "?" in text or "¿" in text:
            return True
        words = spelled_out(as_keyword(text[:MAX_KEYWORD_CHARS])).split()
        starts = (" ".join(words[:length]) for length in range(1, MAX_QUESTION_START + 1))
        return not self._groups["question"].isdisjoint(starts)

    def only_asks(self, text: str) -> bool:
        """Return whether every sentence of a message with a question mark is a question."""
        sentences = [one for one in _SENTENCES.findall(text) if any(map(str.isalnum, one))]
        return "?" in text and all(map(self.asks, sentences))

    def is_greeting(self, text: str) -> bool:
        """Return whether a message greets, and at most calls somebody by a name."""
        for keyword in dict.fromkeys((as_keyword(text), unstretched(as_keyword(text)))):
            words = keyword.split()
            greeting = self._index.phrases("greeting")
            for _, end in reversed([one for one in greeting.find(words) if one[0] == 0]):
                if len(words[end:]) <= 1 or is_made_of(words, greeting, self.around):
                    return True
        return self.is_word("greeting", text)

    def small_talk(self, text: str) -> str | None:
        """Return the group of a message that only thanks, says goodbye or the like."""
        return small_talk_in(self, text)

    def is_denial(self, text: str) -> bool:
        """Return whether a sentence denies something, and asks nothing: "I don't want to stop"."""
        words = as_keyword(text).split()
        return "?" not in text and self.denies(words) and not self.has_any("asking", words)

    def has_any(self, group: str, words: Sequence[str]) -> bool:
        """Return whether a sentence has a word or a phrase of a group."""
        return any(self.places(group, words))

    def places(self, group: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Yield the places (start, end) of the phrases of a group among the words of a sentence."""
        return self._index.phrases(group).find(words)

    def means_something(self, text: str) -> bool:
        """Return whether a whole message is a phrase of any group: "hello", "why", "later"."""
        return any(reading in self._index for reading in self.readings(text))

    def denies(self, words: Sequence[str]) -> bool:
        """Return whether one of the words of a sentence denies something."""
        return not self.words("negation").isdisjoint(words)

    def language_named(self, text: str) -> str | None:
        """Return the language that a message asks for: "es" for "en español, por favor"."""
        for language, groups in self._by_language.items():
            if not groups["language"].isdisjoint(self.readings(text)):
                return language
        words, beside = as_keyword(text).split(), self.phrases(*AROUND_LANGUAGES)
        named = self._names_of_languages.items()
        return next((one for one, names in named if is_made_of(words, names, beside)), None)

    @cached_property
    def _names_of_languages(self) -> Mapping[str, Phrases]:
        return {one: Phrases(groups["language"]) for one, groups in self._by_language.items()}

    def language_of(self, text: str) -> str | None:
        """Return the only language that has a whole message among its words: "es" for "hola"."""
        for keyword in self.loose_readings(text):
            found = [one for one, words in self._words_of_languages.items() if keyword in words]
            if found:
                return found[0] if len(found) == 1 else None
        return None

    @cached_property
    def _words_of_languages(self) -> Mapping[str, frozenset[str]]:
        return {
            language: frozenset().union(
                *(
                    words
                    for group, words in groups.items()
                    if group not in OF_NO_LANGUAGE and not group.endswith("_around")
                )
            )
            for language, groups in self._by_language.items()
        }


def _clauses_of(text: str) -> Sequence[Sequence[str]]:
    """Return the words of the parts of a sentence, and those of the parts without short forms."""
    parts = [as_keyword(one) for one in _CLAUSES.split(text)]
    return [one.split() for one in dict.fromkeys([*parts, *map(spelled_out, parts)])]

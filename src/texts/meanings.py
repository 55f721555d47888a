"""What people mean by their words, in any language: commands, triggers and options."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import cast

from flow_engine.phrases import expand_all
from flow_engine.state import CHANGE, GO_ON, RIGHT, START_AGAIN
from flow_engine.words import normalise
from texts.choices import Choices
from texts.entries import Entries
from texts.vocabulary import Vocabulary
from texts.written_language import WrittenLanguage

#: Fewest letters of a word of a question that may stand for an option.
MIN_NOUN_LETTERS = 4
_IN_BRACKETS = re.compile(r"\([^()]*\)")


class Meanings(Entries):
    """Understands words. Each of them may be of any language, whatever is spoken."""

    @cached_property
    def triggers(self) -> Mapping[str, frozenset[str]]:
        """Words that start flows and show menus, of all languages, by their names."""
        found: dict[str, frozenset[str]] = {}
        for texts in self._by_language.values():
            for name, table in texts.items():
                words = table.get("triggers", ()) if isinstance(table, Mapping) else ()
                found[name] = found.get(name, frozenset()) | frozenset(words)
        return found

    @cached_property
    def phrases(self) -> Mapping[str, frozenset[str]]:
        """What asks for flows and menus inside a sentence, of all languages, by their names."""
        found: dict[str, frozenset[str]] = {}
        for texts in self._by_language.values():
            for name, table in texts.items():
                patterns = table.get("phrases", ()) if isinstance(table, Mapping) else ()
                found[name] = found.get(name, frozenset()) | expand_all(patterns)
        return found

    def is_word(self, group: str, text: str) -> bool:
        """Return whether a whole message is a word of this group, in any language."""
        return self.vocabulary.is_word(group, text)

    def match_option(
        self, language: str, name: str, options: Sequence[str], typed: str
    ) -> str | None:
        """Return the option that a whole message is: its name, title, a word for it, its number.

        Words for yes and no are those of the options "yes" and "no".
        """
        languages = [language, *sorted(self.languages - {language})]
        names = [
            (option, self._names(one, name, option)) for one in languages for option in options
        ]
        for reading in self.vocabulary.readings(typed):  # "document number" before "document"
            for option, known in names:
                if reading in known:
                    return option
        meant = _yes_or_no(options)
        decided = self._by_own_words(name, meant, typed)
        if decided == "":
            return None
        word = decided or (self.choices.yes_or_no(typed) if meant else None)
        if word is not None and word in meant:
            return meant[word]
        place = self.choices.place_of(typed, self._nouns(name))
        return options[place - 1] if place is not None and 1 <= place <= len(options) else None

    def decides(self, name: str, pair: Sequence[str], typed: str) -> str | None:
        """Return "yes" or "no" by words of only one of two options; see `Choices.one_of_two`."""
        return self._by_own_words(name, dict(zip(("yes", "no"), pair, strict=True)), typed)

    def _by_own_words(self, name: str, pair: Mapping[str, str], typed: str) -> str | None:
        if len(pair) < len(("yes", "no")):
            return None
        both = ([self._names(one, name, pair[word]) for one in self.languages] for word in pair)
        yes, no = (frozenset[str]().union(*names) for names in both)
        return self.choices.one_of_two(typed, yes, no)

    def option_in_sentence(
        self, name: str, options: Sequence[str], typed: str, language: str | None = None
    ) -> str | None:
        """Return the only option that a sentence names, or its place in words.

        Without a `language`, the names of all languages count.
        """
        place = self.choices.place_in_words(typed, len(options), self._nouns(name))
        if place is not None and 1 <= place <= len(options):
            return options[place - 1]
        languages = self.languages if language is None else {language}
        names = {
            option: frozenset[str]().union(*(self._names(one, name, option) for one in languages))
            for option in options
            if option not in ("yes", "no")  # a "no" in a sentence may deny anything
        }
        return self.choices.option_in(typed, names)

    def _nouns(self, name: str) -> frozenset[str]:
        """Return what an option may be called: the words of its question, "the 2nd *event*"."""
        if name not in self._known_nouns:
            asked = (self.find(one, f"{name}.ask") for one in self.languages)
            words = {word for text in asked for word in normalise(str(text)).split()}
            nouns = frozenset(word for word in words if len(word) >= MIN_NOUN_LETTERS)
            self._known_nouns[name] = nouns
        return self._known_nouns[name]

    @cached_property
    def _known_nouns(self) -> dict[str, frozenset[str]]:
        return {}

    def words_of_option(self, name: str, option: str) -> frozenset[str]:
        """Return all words by which an option is named, in any language."""
        names = (self._names(language, name, option) for language in self.languages)
        return frozenset(word for known in names for one in known for word in one.split())

    def _names(self, language: str, name: str, option: str) -> frozenset[str]:
        texts = self.option_texts(language, name, option)
        if not texts:  # loaded options have no texts, and there is no end to them
            return frozenset({normalise(option)})
        key = f"{language}.{name}.{option}"
        if key not in self._known_names:
            title = str(texts.get("title", option))
            short = _IN_BRACKETS.sub(" ", title)  # "Citizen ID (CC)" is a citizen ID, too
            names = [option, title, short, *texts.get("also", [])]
            self._known_names[key] = frozenset(filter(None, map(normalise, names)))
        return self._known_names[key]

    @cached_property
    def _known_names(self) -> dict[str, frozenset[str]]:
        return {}

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What people mean by short messages."""
        if "vocabulary" not in self._derived:
            words = {one: texts["words"] for one, texts in self._by_language.items()}
            self._derived["vocabulary"] = Vocabulary(words)
        return cast("Vocabulary", self._derived["vocabulary"])

    @cached_property
    def written_language(self) -> WrittenLanguage:
        """The language that a sentence is written in."""
        if "written_language" not in self._derived:
            self._derived["written_language"] = WrittenLanguage(self._by_language)
        return cast("WrittenLanguage", self._derived["written_language"])

    @cached_property
    def choices(self) -> Choices:
        """Which options people mean."""
        return Choices(self.vocabulary)


def _yes_or_no(options: Sequence[str]) -> Mapping[str, str]:
    """Return the options that "yes" and "no" mean: those of the flow, or else shared ones."""
    own = {word: word for word in ("yes", "no") if word in options}
    return own or {
        word: option
        for word, shared in (("yes", (RIGHT, GO_ON)), ("no", (CHANGE, START_AGAIN)))
        for option in shared
        if option in options
    }

"""What people mean by their words, in any language: commands, triggers and options."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import cast

from flow_engine.days import day_among
from flow_engine.phrases import expand_all
from flow_engine.spoken_numbers import only_ordinal
from flow_engine.state import CHANGE, GO_ON, RIGHT, START_AGAIN
from flow_engine.words import as_keyword, normalise
from texts.choices import Choices
from texts.entries import Entries
from texts.option_names import longest_spans_of
from texts.vocabulary import Vocabulary
from texts.written_language import WrittenLanguage

#: Most words that are searched for the names of options.
MAX_NAMING_WORDS = 24
#: Most words of a message that names an option by its ordinal.
MAX_ORDINAL_WORDS = 12
#: Fewest letters of a word of a question that may stand for an option.
MIN_NOUN_LETTERS = 4
#: "No primeiro", which is "in the first" in Portuguese.
_IN_THE = re.compile(r"\bno (primeiro|segundo|terceiro|ultimo)\b")
_PARTS = re.compile(r"[,;.!\n]+")
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
        meant = _yes_or_no(options)
        undecided = meant.get("yes") if self.choices.hesitates(typed) else None
        for reading in self.vocabulary.readings(typed):  # "document number" before "document"
            for option, known in names:
                if reading in known and option != undecided:
                    return option
        decided = self._by_own_words(name, meant, typed)
        if decided == "":
            return None
        word = decided or (self.choices.yes_or_no(typed) if meant else None)
        if word is not None and word in meant:
            return meant[word]
        place = self.choices.place_of(typed, self.nouns_of(name))
        return options[place - 1] if place is not None and 1 <= place <= len(options) else None

    def says_option(self, name: str, option: str, typed: str) -> bool:
        """Return whether a message names the option "yes" or "no" by more than a yes or a no."""
        known = frozenset[str]().union(*(self._names(one, name, option) for one in self.languages))
        plain = self.vocabulary.words("yes", "no")
        readings = self.vocabulary.readings(typed)
        if any(one in known and (" " in one or one not in plain) for one in readings):
            return True
        return self.decides(name, ("yes", "no"), typed) == option

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
        """Return the only option that a sentence names.

        Without a `language`, the names of all languages count.
        """
        languages = self.languages if language is None else {language}
        return self.choices.option_in(typed, self._names_of_all(name, options, languages))

    def options_named(self, name: str, options: Sequence[str], typed: str) -> frozenset[str]:
        """Return all options that a sentence names, also those that it denies."""
        words = as_keyword(typed).split()[:MAX_NAMING_WORDS]
        return frozenset(
            option for option, _ in longest_spans_of(words, self._names_of_all(name, options))
        )

    def chosen_in_sentence(self, name: str, options: Sequence[str], typed: str) -> str | None:
        """Return the option that a sentence chooses: one part of it names that, and says no more.

        "I lost my passport" chooses none, and "the passport, hurry up" does.
        """
        option = self.option_in_sentence(name, options, typed)
        if option is None or self.choices.frames.opens_question(typed):
            return None
        parts = (typed, *_PARTS.split(typed))
        named = (one for one in parts if self.options_named(name, (option,), one))
        return option if any(self.says_only(name, (option,), one) for one in named) else None

    def says_only(self, name: str, options: Sequence[str], typed: str, *around: str) -> bool:
        """Return whether a sentence says nothing besides the names of options.

        `around` are words that may stand there, besides those that frame any choice.
        """
        names = self._names_of_all(name, options)
        return self.choices.says_only(typed, names, {*around, *self.nouns_of(name)})

    def _names_of_all(
        self, name: str, options: Sequence[str], languages: Collection[str] = ()
    ) -> Mapping[str, frozenset[str]]:
        in_use = languages or self.languages
        return {
            option: frozenset[str]().union(*(self._names(one, name, option) for one in in_use))
            for option in options
            if option not in ("yes", "no")  # a "no" in a sentence may deny anything
        }

    def option_by_place(self, name: str, options: Sequence[str], typed: str) -> str | None:
        """Return the option whose place a sentence says, of those that the person sees.

        Between yes and no there are no places: "the second name is missing" refuses nothing.
        """
        if _yes_or_no(options):
            return None
        of = len(options)
        place = self.choices.place_in_words(typed, of, self.nouns_of(name))
        place = self.place_inside(typed, of) if place is None else place
        return options[place - 1] if place is not None and 1 <= place <= of else None

    def place_inside(self, text: str, of: int) -> int | None:
        """Return the place that an ordinal names in a sentence: "sign me up for the second one"."""
        words = _IN_THE.sub(r"\1", as_keyword(text)).split()
        is_open = "?" in text or self.vocabulary.denies(words) or len(words) > MAX_ORDINAL_WORDS
        place = None if is_open else only_ordinal(words[1:])
        is_pause = any(self.vocabulary.is_word(group, text) for group in ("pause", "back"))
        return place if place is not None and place <= of and not is_pause else None

    def day_in(self, options: Collection[str], text: str, today: date) -> str | None:
        """Return the one of some days (ISO) that a message means; None if it asks or denies."""
        said = self.choices.after_no(text)
        is_clear = "?" not in said and not self.vocabulary.denies(as_keyword(said).split())
        return day_among(options, said, today) if is_clear else None

    def nouns_of(self, name: str) -> frozenset[str]:
        """Return what an option may be called: the words of its question, "the 2nd *event*"."""
        known, place = self._words_of, ("nouns", name)
        if place not in known:
            asked = (self.find(one, f"{name}.ask") for one in self.languages)
            words = {word for text in asked for word in normalise(str(text)).split()}
            known[place] = frozenset(word for word in words if len(word) >= MIN_NOUN_LETTERS)
        return known[place]

    def words_under(self, language: str, key: str) -> frozenset[str]:
        """Return the normalised words of a text; none if there is no such text."""
        known, place = self._words_of, ("words", language, key)
        if place not in known:
            text = self.find(language, key)
            known[place] = frozenset(as_keyword(normalise(text)).split() if text else ())
        return known[place]

    def words_of_option(self, name: str, option: str) -> frozenset[str]:
        """Return all words by which an option is named, in any language."""
        names = (self._names(language, name, option) for language in self.languages)
        return frozenset(word for known in names for one in known for word in one.split())

    def _names(self, language: str, name: str, option: str) -> frozenset[str]:
        known, place = self._words_of, ("names", language, name, option)
        if place in known:
            return known[place]
        texts = self.option_texts(language, name, option)
        if not texts:  # loaded options have no texts, and there is no end to them
            return frozenset({normalise(option)})
        title = str(texts.get("title", option))
        short = _IN_BRACKETS.sub(" ", title)  # "Citizen ID (CC)" is a citizen ID, too
        names = [option, title, short, *texts.get("also", [])]
        known[place] = frozenset(filter(None, map(normalise, names)))
        return known[place]

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
        if "choices" not in self._derived:
            self._derived["choices"] = Choices(self.vocabulary)
        return cast("Choices", self._derived["choices"])


def _yes_or_no(options: Sequence[str]) -> Mapping[str, str]:
    """Return the options that "yes" and "no" mean: those of the flow, or else shared ones."""
    own = {word: word for word in ("yes", "no") if word in options}
    return own or {
        word: option
        for word, shared in (("yes", (RIGHT, GO_ON)), ("no", (CHANGE, START_AGAIN)))
        for option in shared
        if option in options
    }

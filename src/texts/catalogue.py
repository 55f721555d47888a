"""Finds what to say in each language, and what a person meant by their words."""

import re
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from flow_engine.faults import Fault, did_you_mean
from flow_engine.languages import LANGUAGES
from flow_engine.phrases import expand_all
from flow_engine.state import (
    CHANGE,
    GO_ON,
    MORE,
    RIGHT,
    SHARED_OPTIONS,
    SHARED_QUESTIONS,
    START_AGAIN,
)
from flow_engine.words import normalise
from texts.choices import Choices
from texts.filling import fill
from texts.filters import Wording, write
from texts.language_options import fill_language_options
from texts.overrides import Override, check_override, overridden
from texts.prompt import Choice, Prompt
from texts.toml_files import flatten, read_languages
from texts.vocabulary import Vocabulary

Params = Mapping[str, object]
#: Used where neither a setting nor the text names a currency.
DEFAULT_CURRENCY = "USD"


#: An option that is a day, which people read as "Mon, 3 May".
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class TextsError(Exception):
    """Text files that cannot be used; lists each fault with its file."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(map(str, faults)))


class MissingTextError(KeyError):
    """A text, or a parameter of it, that is not there when it is to be said."""

    def __str__(self) -> str:
        return str(self.args[0])


class Texts:
    """All languages. Keys are paths: "registration.full_name.ask"."""

    def __init__(
        self,
        languages: Mapping[str, Mapping[str, Any]],
        prompts: Mapping[str, str] | None = None,
        folders: Sequence[Path] = (),
        currency: str = DEFAULT_CURRENCY,
    ) -> None:
        #: Folders of the files, the one of the core first; none for texts of a test.
        self.folders = folders
        self._by_language = languages
        #: the texts of the files, where operators have written others
        self._of_files = languages
        #: by name and language: "assistant.en"
        self._prompts = prompts or {}
        #: Three letters, for amounts whose text names no currency.
        self.currency = currency
        #: Names that are filled in wherever a text is said, by its key.
        self._given: Mapping[str, Collection[str]] = {}

    @classmethod
    def load(cls, *folders: Path) -> "Texts":
        """Read every `<language>.toml` of folders, and their `prompts/<name>.<language>.md`.

        The files of one language are one catalogue, in which each key is in one file; the first
        folder decides which languages there are. Raises TextsError, with the faults of all files.
        """
        languages, faults = read_languages(folders)
        if faults:
            raise TextsError(faults)
        fill_language_options(languages)
        prompts = {
            path.stem: path.read_text(encoding="utf-8").strip()
            for folder in folders
            for path in sorted(folder.glob("prompts/*.*.md"))
        }
        return cls(languages, prompts, folders)

    def priced_in(self, currency: str) -> "Texts":
        """Return the same texts with another currency."""
        changed = copy(self)
        changed.currency = currency
        return changed

    def given(self, names: Mapping[str, Collection[str]]) -> "Texts":
        """Return the same texts, knowing the names that are filled in, by the key of the text."""
        changed = copy(self)
        changed._given = names
        return changed

    def copy(self) -> "Texts":
        """Return the same texts for one process: operators change them there only."""
        return copy(self)

    def check_override(self, one: Override) -> str:
        """Return the text of the files; raise WrongText if another cannot take its place."""
        given = self._given.get(one.key, ())
        return check_override(self._of_files, one if one.text else replace(one, text="…"), given)

    def override(self, overrides: Sequence[Override]) -> None:
        """Say other texts than those of the files from now on; those that do not fit are not."""
        self._by_language = overridden(self._of_files, list(overrides), self._given)

    @property
    def languages(self) -> frozenset[str]:
        return frozenset(self._by_language)

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

    def of(self, language: str) -> Mapping[str, Any]:
        """Everything in one language, as the file has it."""
        return self._by_language[language]

    def find(self, language: str, key: str) -> Any:
        """What stands under a key; None if nothing does."""
        found: Any = self._by_language[language]
        for part in key.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found

    def find_shared(self, language: str, key: str) -> Any:
        """What stands under a key of a question; else what all share: `common.review.ask`."""
        found = self.find(language, key)
        parts = key.split(".")
        if found is None and len(parts) > 2 and parts[-2] in SHARED_QUESTIONS:
            return self.find(language, ".".join(("common", *parts[-2:])))
        return found

    def say(self, language: str, key: str, params: Params | None = None) -> str:
        """Return a text with its parameters filled in.

        Raises MissingTextError for a key without a text, and for a parameter that is not given.
        """
        text = self.find_shared(language, key)
        if not isinstance(text, str):
            hint = did_you_mean(key, dict(flatten(self.of(language))))
            raise MissingTextError(f"{language}.toml has no text {key}{hint}")
        given = params or {}
        try:
            return fill(text, given, self._wording(language, key)).strip()
        except KeyError as error:
            name, names = str(error.args[0]), ", ".join(given) or "none"
            hint = did_you_mean(name, given)
            text = f"{language}.toml: {key} names {{{name}}}; given are: {names}{hint}"
            raise MissingTextError(text) from error

    def _wording(self, language: str, key: str) -> Wording:
        """Return what the filters of a text need: {day:date}, {size:title}."""
        flow = key.partition(".")[0]

        def title(name: str, value: object) -> str | None:
            return self.find(language, f"{flow}.{name}.options.{value}.title") or None

        locale = self.find(language, "common.locale")
        return Wording(locale if isinstance(locale, str) else language, self.currency, title)

    def date_in_words(self, language: str, iso: str) -> str:
        """Return a date as people say it: "4 May 1990"."""
        day = date.fromisoformat(iso)
        months = LANGUAGES[language].dates.months if language in LANGUAGES else ()
        month = months[day.month - 1].partition(",")[0] if months else f"{day.month}"
        given: Params = {"day": day.day, "month": month, "year": day.year}
        return self.say(language, "common.date_in_words", given)

    def question(
        self, language: str, name: str, options: Sequence[str], params: Params | None = None
    ) -> Prompt:
        """A question or a menu; options without a text of their own show themselves."""
        return Prompt(
            body=self.say(language, f"{name}.ask", params),
            options=tuple(self._choice(language, name, option) for option in options),
            footer=self.find_shared(language, f"{name}.footer"),
            button=self.find_shared(language, f"{name}.button")
            or self.say(language, "common.button"),
        )

    def _choice(self, language: str, name: str, option: str) -> Choice:
        if option == MORE:
            return Choice(MORE, self.say(language, "common.more"))
        texts = self._option(language, name, option)
        title = texts.get("title", option)
        if title == option and _DAY.fullmatch(option):
            title = write(self._wording(language, name), "", option, "date day")
        return Choice(option, title, texts.get("description"))

    def _option(self, language: str, name: str, option: str) -> Mapping[str, Any]:
        """Return the texts of an option: of the question, of all flows, or a step to change."""
        if (own := self.find(language, f"{name}.options.{option}")) is not None:
            return dict(own)
        flow, _, step = name.partition(".")
        if step.endswith(f".{CHANGE}") and (label := self.label(language, f"{flow}.{option}")):
            return {"title": label}
        shared = self.find(language, f"common.options.{option}")
        return dict(shared) if shared is not None and option in SHARED_OPTIONS else {}

    def label(self, language: str, name: str) -> str | None:
        """Return what a question is about, in a few words: "Birth date"."""
        found = self.find(language, f"{name}.label")
        return found if isinstance(found, str) else None

    def shown(self, language: str, name: str, value: object, spec: str) -> str:
        """Return an answer as a person says it; `name` is the flow and step."""
        return write(self._wording(language, name), name.partition(".")[2], value, spec)

    def table(self, language: str, key: str, params: Params) -> Mapping[str, Any]:
        """Return the table of a message, with the parameters of its texts filled in."""
        table = self.find(language, key)
        if not isinstance(table, Mapping):
            raise MissingTextError(f"{language}.toml has no table {key}")
        return {
            name: self.say(language, f"{key}.{name}", params) if isinstance(value, str) else value
            for name, value in table.items()
        }

    def prompt(self, language: str, name: str) -> str:
        """Return what a model is told; MissingTextError if there is no such file."""
        if (found := self._prompts.get(f"{name}.{language}")) is None:
            raise MissingTextError(f"prompts/{name}.{language}.md is missing")
        return found

    def missing_prompts(self, required: Collection[str] = ()) -> Sequence[str]:
        """Return files that are required, or that another language has."""
        names = {one.partition(".")[0] for one in self._prompts} | {*required}
        wanted = {f"{name}.{language}" for name in names for language in self.languages}
        return sorted(wanted - self._prompts.keys())

    def explanation_of(self, kind: str) -> str:
        """Key of what to say to a message of this type, which the bot cannot read."""
        known = all(self.find(language, f"unsupported.{kind}") for language in self.languages)
        return f"unsupported.{kind if known else 'unknown'}"

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
        word = self.choices.yes_or_no(typed) if meant else None
        if word is not None and word in meant:
            return meant[word]
        place = self.choices.place_of(typed)
        return options[place - 1] if place is not None and 1 <= place <= len(options) else None

    def option_in_sentence(self, name: str, options: Sequence[str], typed: str) -> str | None:
        """Return the only option that a sentence names, in any language, or its place in words."""
        place = self.choices.place_in_words(typed, len(options))
        if place is not None and place <= len(options):
            return options[place - 1]
        names = {
            option: frozenset[str]().union(
                *(self._names(one, name, option) for one in self.languages)
            )
            for option in options
            if option not in ("yes", "no")  # a "no" in a sentence may deny anything
        }
        return self.choices.option_in(typed, names)

    def _names(self, language: str, name: str, option: str) -> frozenset[str]:
        texts = self._option(language, name, option)
        if not texts:  # loaded options have no texts, and there is no end to them
            return frozenset({normalise(option)})
        key = f"{language}.{name}.{option}"
        if key not in self._known_names:
            names = [option, texts.get("title", option), *texts.get("also", [])]
            self._known_names[key] = frozenset(map(normalise, names))
        return self._known_names[key]

    @cached_property
    def _known_names(self) -> dict[str, frozenset[str]]:
        return {}

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What people mean by short messages."""
        return Vocabulary({one: texts["words"] for one, texts in self._by_language.items()})

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

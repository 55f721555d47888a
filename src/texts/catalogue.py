"""Finds what to say in each language, and what a person meant by their words."""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from flow_engine.faults import Fault, did_you_mean
from flow_engine.state import MORE
from flow_engine.words import as_keyword, normalise
from texts.prompt import Choice, ContactText, DocumentText, LocationText, Prompt
from texts.toml_files import flatten, syntax_fault

#: Most words of a message that is a greeting: "hi there", not "hi, I lost my card".
MAX_GREETING_WORDS = 5
#: Most digits of the number of an option.
MAX_NUMBER_DIGITS = 3

Params = Mapping[str, str | int]


class TextsError(Exception):
    """Text files that cannot be read as TOML; lists each with the fault in it."""

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
    ) -> None:
        #: Folders of the files, the one of the core first; none for texts of a test.
        self.folders = folders
        self._by_language = languages
        #: by name and language: "assistant.en"
        self._prompts = prompts or {}

    @classmethod
    def load(cls, *folders: Path) -> "Texts":
        """Read every `<language>.toml` of folders, and their `prompts/<name>.<language>.md`.

        The files of one language are one catalogue; the first folder decides which languages there
        are. Raises TextsError, with the faults of all files.
        """
        languages: dict[str, dict[str, Any]] = {}
        faults = []
        for path in (path for folder in folders for path in sorted(folder.glob("*.toml"))):
            if path.parent != folders[0] and path.stem not in languages:
                continue
            source = path.read_text(encoding="utf-8")
            try:
                _merge(languages.setdefault(path.stem, {}), tomllib.loads(source))
            except tomllib.TOMLDecodeError as error:
                faults.append(syntax_fault(error, path, source))
        if faults:
            raise TextsError(faults)
        prompts = {
            path.stem: path.read_text(encoding="utf-8").strip()
            for folder in folders
            for path in sorted(folder.glob("prompts/*.*.md"))
        }
        return cls(languages, prompts, folders)

    @property
    def languages(self) -> frozenset[str]:
        return frozenset(self._by_language)

    def of(self, language: str) -> Mapping[str, Any]:
        """Everything in one language, as the file has it."""
        return self._by_language[language]

    def find(self, language: str, key: str) -> Any:
        """What stands under a key; None if nothing does."""
        found: Any = self._by_language[language]
        for part in key.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found

    def say(self, language: str, key: str, params: Params | None = None) -> str:
        """Return a text with its parameters filled in.

        Raises MissingTextError for a key without a text, and for a parameter that is not given.
        """
        text = self.find(language, key)
        if not isinstance(text, str):
            hint = did_you_mean(key, dict(flatten(self.of(language))))
            raise MissingTextError(f"{language}.toml has no text {key}{hint}")
        given = params or {}
        try:
            return text.format_map(given).strip()
        except KeyError as error:
            name, names = str(error.args[0]), ", ".join(given) or "none"
            hint = did_you_mean(name, given)
            text = f"{language}.toml: {key} names {{{name}}}; given are: {names}{hint}"
            raise MissingTextError(text) from error

    def question(
        self, language: str, name: str, options: Sequence[str], params: Params | None = None
    ) -> Prompt:
        """A question or a menu; options without a text of their own show themselves."""
        return Prompt(
            body=self.say(language, f"{name}.ask", params),
            options=tuple(self._choice(language, name, option) for option in options),
            footer=self.find(language, f"{name}.footer"),
            button=self.find(language, f"{name}.button") or self.say(language, "common.button"),
        )

    def _choice(self, language: str, name: str, option: str) -> Choice:
        if option == MORE:
            return Choice(MORE, self.say(language, "common.more"))
        texts = self.find(language, f"{name}.options.{option}") or {}
        return Choice(option, texts.get("title", option), texts.get("description"))

    def document(self, language: str, key: str) -> DocumentText:
        return DocumentText(**self._table(language, key))

    def location(self, language: str, key: str) -> LocationText:
        return LocationText(**self._table(language, key))

    def contact(self, language: str, key: str) -> ContactText:
        return ContactText(**self._table(language, key))

    def _table(self, language: str, key: str) -> Mapping[str, Any]:
        table = self.find(language, key)
        if not isinstance(table, Mapping):
            raise MissingTextError(f"{language}.toml has no table {key}")
        return table

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
        """Whether a whole message is a word of this group, in any language."""
        return as_keyword(text) in self._words[group]

    def is_greeting(self, text: str) -> bool:
        words = as_keyword(text).replace(",", " ").replace("!", " ").split()
        starts = (" ".join(words[:length]) for length in (1, 2, 3))
        return len(words) <= MAX_GREETING_WORDS and any(
            start in self._words["greeting"] for start in starts
        )

    def match_option(
        self, language: str, name: str, options: Sequence[str], typed: str
    ) -> str | None:
        """The option that a person typed: its name, title, a word for it, or its number."""
        word = as_keyword(typed)
        languages = [language, *sorted(self.languages - {language})]
        for one in languages:
            for option in options:
                texts = self.find(one, f"{name}.options.{option}") or {}
                meant = [option, texts.get("title", option), *texts.get("also", [])]
                if word in map(normalise, meant):
                    return option
        if word.isdecimal() and len(word) <= MAX_NUMBER_DIGITS and 1 <= int(word) <= len(options):
            return options[int(word) - 1]
        return None

    @cached_property
    def _words(self) -> Mapping[str, frozenset[str]]:
        groups: dict[str, set[str]] = {}
        for texts in self._by_language.values():
            for group, words in texts["words"].items():
                groups.setdefault(group, set()).update(map(normalise, words))
        return {group: frozenset(words) for group, words in groups.items()}


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Add the keys of another file; a key that both have stays as the first has it."""
    for name, value in more.items():
        known = into.get(name)
        if isinstance(known, dict) and isinstance(value, Mapping):
            _merge(known, value)
        else:
            into.setdefault(name, value)

"""Finds what to say in each language, and what a person meant by their words."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from flow_engine.paging import MORE
from flow_engine.words import normalise
from texts.prompt import Choice, ContactText, DocumentText, LocationText, Prompt

#: A greeting stands at the start of a short message: "hi there", not "hi, I lost my card".
LONGEST_GREETING = 5

Params = Mapping[str, str | int]


class TextsError(Exception):
    """The text files cannot be used as they are; names the file and the fault."""


class Texts:
    """All languages. Keys are paths: "registration.full_name.ask"."""

    def __init__(
        self,
        languages: Mapping[str, Mapping[str, Any]],
        prompts: Mapping[str, str] | None = None,
    ) -> None:
        self._by_language = languages
        #: by name and language: "assistant.en"
        self._prompts = prompts or {}

    @classmethod
    def load(cls, folder: Path) -> "Texts":
        """Read every `<language>.toml` of a folder, and its `prompts/<name>.<language>.md`."""
        languages = {}
        for path in sorted(folder.glob("*.toml")):
            try:
                languages[path.stem] = tomllib.loads(path.read_text(encoding="utf-8"))
            except tomllib.TOMLDecodeError as error:
                raise TextsError(f"{path.name}: {error}") from error
        prompts = {
            path.stem: path.read_text(encoding="utf-8").strip()
            for path in sorted(folder.glob("prompts/*.*.md"))
        }
        return cls(languages, prompts)

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
        """A text with its parameters filled in; KeyError if there is none of that key."""
        text = self.find(language, key)
        if not isinstance(text, str):
            raise KeyError(f"{language}.toml has no text {key}")
        return text.format_map(params or {}).strip()

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
        return DocumentText(**self.find(language, key))

    def location(self, language: str, key: str) -> LocationText:
        return LocationText(**self.find(language, key))

    def contact(self, language: str, key: str) -> ContactText:
        return ContactText(**self.find(language, key))

    def prompt(self, language: str, name: str) -> str:
        """What a model is told; KeyError if there is no such file."""
        return self._prompts[f"{name}.{language}"]

    def missing_prompts(self) -> Sequence[str]:
        """Files that one language has and another lacks."""
        names = {one.partition(".")[0] for one in self._prompts}
        wanted = {f"{name}.{language}" for name in names for language in self.languages}
        return sorted(wanted - self._prompts.keys())

    def explanation_of(self, kind: str) -> str:
        """Key of what to say to a message of this type, which the bot cannot read."""
        known = all(self.find(language, f"unsupported.{kind}") for language in self.languages)
        return f"unsupported.{kind if known else 'unknown'}"

    def is_word(self, group: str, text: str) -> bool:
        """Whether a whole message is a word of this group, in any language."""
        return normalise(text) in self._words[group]

    def is_greeting(self, text: str) -> bool:
        words = normalise(text).replace(",", " ").replace("!", " ").split()
        starts = (" ".join(words[:length]) for length in (1, 2, 3))
        return len(words) <= LONGEST_GREETING and any(
            start in self._words["greeting"] for start in starts
        )

    def match_option(
        self, language: str, name: str, options: Sequence[str], typed: str
    ) -> str | None:
        """The option that a person typed: its name, title, a word for it, or its number."""
        word = normalise(typed)
        languages = [language, *sorted(self.languages - {language})]
        for one in languages:
            for option in options:
                texts = self.find(one, f"{name}.options.{option}") or {}
                meant = [option, texts.get("title", option), *texts.get("also", [])]
                if word in map(normalise, meant):
                    return option
        if word.isdecimal() and 1 <= int(word) <= len(options):
            return options[int(word) - 1]
        return None

    @cached_property
    def _words(self) -> Mapping[str, frozenset[str]]:
        groups: dict[str, set[str]] = {}
        for texts in self._by_language.values():
            for group, words in texts["words"].items():
                groups.setdefault(group, set()).update(map(normalise, words))
        return {group: frozenset(words) for group, words in groups.items()}

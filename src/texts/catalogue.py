"""All texts of the bot, as everybody asks for them: what to say, and what people mean."""

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

from flow_engine.faults import Fault
from texts.language_options import fill_language_options
from texts.meanings import Meanings
from texts.overrides import Override, check_override, overridden
from texts.sayings import DEFAULT_CURRENCY, MissingTextError, Sayings
from texts.toml_files import read_languages


class TextsError(Exception):
    """Text files that cannot be used; lists each fault with its file."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(map(str, faults)))


class Texts(Sayings, Meanings):
    """All languages, from files; operators may write other texts than those of the files."""

    def __init__(
        self,
        languages: Mapping[str, Mapping[str, Any]],
        prompts: Mapping[str, str] | None = None,
        folders: Sequence[Path] = (),
        currency: str = DEFAULT_CURRENCY,
    ) -> None:
        super().__init__(languages, currency)
        #: Folders of the files, the one of the core first; none for texts of a test.
        self.folders = folders
        #: the texts of the files, where operators have written others
        self._of_files = languages
        #: by name and language: "assistant.en"
        self._prompts = prompts or {}
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

    def replace_files(self, overrides: Sequence[Override]) -> None:
        """Take other texts for those of the files from now on; those that do not fit are not."""
        self._of_files = overridden(self._of_files, list(overrides), self._given)
        self.override(())

    def override(self, overrides: Sequence[Override]) -> None:
        """Say other texts than those of the files from now on; those that do not fit are not."""
        self._by_language = overridden(self._of_files, list(overrides), self._given)
        self._words_of = {}

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

"""The texts of all languages as their files have them, by key."""

from collections.abc import Mapping
from typing import Any

from flow_engine.state import CHANGE, SHARED_OPTIONS, SHARED_QUESTIONS, WRONG


class Entries:
    """What stands under each key, by language. Keys are paths: "registration.full_name.ask"."""

    def __init__(self, languages: Mapping[str, Mapping[str, Any]]) -> None:
        self._by_language = languages
        #: what takes long to work out, for these texts and all copies of them
        self._derived: dict[str, Any] = {}
        #: words of single texts, until operators write others
        self._words_of: dict[tuple[str, ...], frozenset[str]] = {}

    @property
    def languages(self) -> frozenset[str]:
        return frozenset(self._by_language)

    def of(self, language: str) -> Mapping[str, Any]:
        """Everything in one language, as the file has it."""
        return self._by_language[language]

    def find(self, language: str, key: str) -> Any:
        """What stands under a key; None if nothing does."""
        found: Any = self._by_language[language]
        try:
            for part in key.split("."):
                found = found[part]
        except (KeyError, TypeError):  # TypeError: a text, in which nothing else can stand
            return None
        return found

    def find_shared(self, language: str, key: str) -> Any:
        """What stands under a key of a question; else what all share: `common.review.ask`."""
        found = self.find(language, key)
        parts = key.split(".")
        if found is None and len(parts) > 2 and parts[-2] in SHARED_QUESTIONS:
            return self.find(language, ".".join(("common", *parts[-2:])))
        return found

    def label(self, language: str, name: str) -> str | None:
        """Return what a question is about, in a few words: "Birth date"."""
        found = self.find(language, f"{name}.label")
        return found if isinstance(found, str) else None

    def option_texts(self, language: str, name: str, option: str) -> Mapping[str, Any]:
        """Return the texts of an option: of the question, of all flows, or a step to change."""
        if (own := self.find(language, f"{name}.options.{option}")) is not None:
            return dict(own)
        if name.endswith(f".{WRONG}"):  # asked about the "no" to a review: its options
            return self.option_texts(language, name.removesuffix(f".{WRONG}"), option)
        flow, _, step = name.partition(".")
        if step.endswith(f".{CHANGE}") and (label := self.label(language, f"{flow}.{option}")):
            return {"title": label}
        shared = self.find(language, f"common.options.{option}")
        return dict(shared) if shared is not None and option in SHARED_OPTIONS else {}

"""The texts of one language, with the lines of its file: for messages about faults."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from flow_engine import Fault
from flow_engine.faults import did_you_mean
from flow_engine.source import SourceLine
from texts.catalogue import Texts
from texts.placeholders import placeholders
from texts.toml_files import flatten, key_lines

#: Similarity from which a text that is in use is proposed instead of a missing one.
SURELY_SIMILAR = 0.85


class LanguageFile:
    """One `<language>.toml`."""

    def __init__(self, texts: Texts, language: str) -> None:
        self.language = language
        self.folder = texts.folder
        self._texts = texts
        self.path = str((texts.folder or Path()) / f"{language}.toml")

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """Every text by its key."""
        return dict(flatten(self._texts.of(self.language)))

    @cached_property
    def names(self) -> Mapping[str, frozenset[str]]:
        """The placeholders of every text; none where its braces are odd."""
        return {key: _names(text) for key, text in self.texts.items()}

    def brace_problem(self, key: str) -> str | None:
        """Return what is wrong with the braces of a text; None if nothing is."""
        try:
            placeholders(self.texts[key])
        except ValueError as error:
            return str(error)
        return None

    def find(self, key: str) -> Any:
        """Return what is under a key; None if nothing is."""
        return self._texts.find(self.language, key)

    def fault(self, key: str, text: str) -> Fault:
        """Return a fault at the line of a key, or of the nearest table that is there."""
        return Fault(f"{key} {text}", SourceLine(self.path, self._line(key)))

    def similar_text(self, key: str, keys_in_use: Mapping[str, object]) -> str:
        """Return "did you mean" with a text that nothing uses, or one that is very similar."""
        unused = [name for name in self.texts if name not in keys_in_use]
        return did_you_mean(key, unused) or did_you_mean(key, self.texts, SURELY_SIMILAR)

    def _line(self, key: str) -> int | None:
        while key and key not in self._lines:
            key = key.rpartition(".")[0]
        return self._lines.get(key)

    @cached_property
    def _lines(self) -> Mapping[str, int]:
        path = Path(self.path)
        return key_lines(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _names(text: str) -> frozenset[str]:
    try:
        return placeholders(text)
    except ValueError:
        return frozenset()

"""The texts of one language, with the lines of its file: for messages about faults."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from functools import cached_property
from pathlib import Path
from typing import Any

from flow_engine import Fault
from flow_engine.source import SourceLine
from texts.catalogue import Texts
from texts.placeholders import placeholders
from texts.toml_files import flatten, key_lines

#: Similarity, from 0 to 1, of the names that are proposed; of those that are in use already.
SIMILAR, VERY_SIMILAR = 0.6, 0.75


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
        """The placeholders of every text whose braces match."""
        names = {key: _names(text) for key, text in self.texts.items()}
        return {key: known for key, known in names.items() if known is not None}

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

    def similar_key(self, key: str, keys_in_use: Mapping[str, object]) -> str:
        """Return "did you mean" with a key of which one part is spelt a little otherwise.

        Keys that nothing uses are preferred; others have to be very similar.
        """
        near = [
            (name not in keys_in_use, similarity, name)
            for name, similarity in _misspelt(key, {*self.texts, *self._lines})
            if similarity >= (VERY_SIMILAR if name in keys_in_use else SIMILAR)
        ]
        return f'; did you mean "{max(near)[2]}"?' if near else ""

    def _line(self, key: str) -> int | None:
        """Return the line of a key, of the table around it, or of the first table beside it."""
        while key and key not in self._lines:
            beside = [line for name, line in self._lines.items() if name.startswith(f"{key}.")]
            if beside:
                return min(beside)
            key = key.rpartition(".")[0]
        return self._lines.get(key)

    @cached_property
    def _lines(self) -> Mapping[str, int]:
        path = Path(self.path)
        return key_lines(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _misspelt(key: str, names: Iterable[str]) -> Iterator[tuple[str, float]]:
    """Yield the names that differ from a key in one part, and how similar that part is."""
    parts = key.split(".")
    for name in names:
        others = name.split(".")
        odd = [pair for pair in zip(parts, others, strict=False) if pair[0] != pair[1]]
        if len(others) == len(parts) and len(odd) == 1:
            yield name, SequenceMatcher(None, *odd[0]).ratio()


def _names(text: str) -> frozenset[str] | None:
    try:
        return placeholders(text)
    except ValueError:
        return None

"""The texts of one language, with the lines of its file: for messages about faults."""

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cached_property
from pathlib import Path
from string import Formatter
from typing import Any

from flow_engine import Fault
from flow_engine.faults import SourceLine
from texts.catalogue import Texts
from texts.filling import uses_of
from texts.toml_files import flatten, key_lines

#: Similarity, from 0 to 1, of the names that are proposed; of those that are in use already.
SIMILAR, VERY_SIMILAR = 0.55, 0.75
#: What a name in braces may continue with: an attribute, an index.
_CONTINUATION = re.compile(r"[.\[]")


class LanguageFile:
    """The `<language>.toml` of the core, with those of the features."""

    def __init__(self, texts: Texts, language: str) -> None:
        self.language = language
        #: Folder of the core's texts.
        self.folder = texts.folders[0] if texts.folders else None
        self._texts = texts
        self._paths = [folder / f"{language}.toml" for folder in texts.folders]

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """Every text by its key."""
        return dict(flatten(self._texts.of(self.language)))

    @cached_property
    def names(self) -> Mapping[str, frozenset[str]]:
        """The placeholders of every text whose braces match."""
        names = {key: _names_if_whole(text) for key, text in self.texts.items()}
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
        path, line = self._place(key)
        return Fault(f"{key} {text}", SourceLine(path, line))

    def similar_key(self, key: str, keys_in_use: Container[str]) -> str | None:
        """Return the key of which one part is spelt a little otherwise; None if there is none.

        Keys that nothing uses are preferred; others have to be very similar.
        """
        near = [
            (name not in keys_in_use, similarity, name)
            for name, similarity in _misspelt(key, {*self.texts, *self._lines})
            if similarity >= (VERY_SIMILAR if name in keys_in_use else SIMILAR)
        ]
        return max(near)[2] if near else None

    def _place(self, key: str) -> tuple[str, int | None]:
        """Return the file and line of a key, of the table around it, or of one beside it."""
        while key and key not in self._lines:
            beside = [place for name, place in self._lines.items() if name.startswith(f"{key}.")]
            if beside:
                return min(beside)
            key = key.rpartition(".")[0]
        core = str(self._paths[0]) if self._paths else f"{self.language}.toml"
        return self._lines.get(key, (core, None))

    @cached_property
    def _lines(self) -> Mapping[str, tuple[str, int]]:
        """The file and line of each key."""
        places: dict[str, tuple[str, int]] = {}
        for path in filter(Path.is_file, self._paths):
            for key, line in key_lines(path.read_text(encoding="utf-8")).items():
                places.setdefault(key, (str(path), line))
        return places


def _misspelt(key: str, names: Iterable[str]) -> Iterator[tuple[str, float]]:
    """Yield the names that differ from a key in one part, and how similar that part is."""
    parts = key.split(".")
    for name in names:
        others = name.split(".")
        odd = [pair for pair in zip(parts, others, strict=False) if pair[0] != pair[1]]
        if len(others) == len(parts) and len(odd) == 1:
            yield name, SequenceMatcher(None, *odd[0]).ratio()


def uses_in_text(text: str) -> Sequence[tuple[str, str]]:
    """Return (name, filter) for each placeholder; none if the braces do not match."""
    try:
        return list(uses_of(text))
    except ValueError:
        return ()


def _names_if_whole(text: str) -> frozenset[str] | None:
    try:
        return placeholders(text)
    except ValueError:
        return None


def placeholders(text: str) -> frozenset[str]:
    """Return the names that a text wants filled in; ValueError if its braces do not match."""
    return frozenset(_names(text))


def _names(text: str) -> Iterator[str]:
    for _, name, form, _ in Formatter().parse(text):
        if name is not None:
            yield _CONTINUATION.split(name)[0]
        if form:
            yield from _names(form)

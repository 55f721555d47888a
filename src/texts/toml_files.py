"""Reads texts from TOML files, and finds the lines of keys, which the parser does not tell."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from flow_engine.faults import Fault, SourceLine

_TABLE = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(r"\s*([\w.\"'-]+)\s*=\s*(.*)")
_LONG_QUOTES = ('"""', "'''")


def read_languages(folders: Sequence[Path]) -> tuple[dict[str, dict[str, Any]], list[Fault]]:
    """Return the texts of each `<language>.toml`, those of all folders together, and the faults.

    Languages that the first folder does not have are left out.
    """
    languages: dict[str, dict[str, Any]] = {}
    read: dict[str, list[Path]] = {}
    faults: list[Fault] = []
    for path in (path for folder in folders for path in sorted(folder.glob("*.toml"))):
        if path.parent != folders[0] and path.stem not in languages:
            continue
        source = path.read_text(encoding="utf-8")
        texts = languages.setdefault(path.stem, {})
        earlier = read.setdefault(path.stem, [])
        try:
            repeated = list(_merge(texts, tomllib.loads(source)))
        except tomllib.TOMLDecodeError as error:
            faults.append(syntax_fault(error, path, source))
        else:
            faults += (_repeated_fault(key, path, source, earlier) for key in repeated)
        earlier.append(path)
    return languages, faults


def _merge(into: dict[str, Any], more: Mapping[str, Any], table: str = "") -> Iterator[str]:
    """Add the keys of another file; yield those that both have."""
    for name, value in more.items():
        known = into.get(name)
        if isinstance(known, dict) and isinstance(value, Mapping):
            yield from _merge(known, value, f"{table}{name}.")
        elif known is not None:
            yield f"{table}{name}"
        else:
            into[name] = value


def _repeated_fault(key: str, path: Path, source: str, earlier: Sequence[Path]) -> Fault:
    places = ((other, key_lines(other.read_text(encoding="utf-8"))) for other in earlier)
    others = (SourceLine(str(other), lines[key]) for other, lines in places if key in lines)
    other = next(others, None)
    text = f"{key} is in {other or 'another file'} too: remove one of them, or rename it"
    return Fault(text, SourceLine(str(path), key_lines(source).get(key)))


def key_lines(source: str) -> Mapping[str, int]:
    """Return the line, from 1, of each table and key: "registration.full_name.ask"."""
    lines: dict[str, int] = {}
    table, open_quotes = "", ""
    for number, line in enumerate(source.splitlines(), start=1):
        if open_quotes:
            open_quotes = "" if open_quotes in line else open_quotes
        elif found := _TABLE.match(line):
            table = f"{_plain(found[1])}."
            lines.setdefault(table[:-1], number)
        elif found := _KEY.match(line):
            lines.setdefault(table + _plain(found[1]), number)
            open_quotes = next((q for q in _LONG_QUOTES if found[2].count(q) % 2), "")
    return lines


def _plain(key: str) -> str:
    return re.sub(r"[\"']|\s*(?=\.)|(?<=\.)\s*", "", key)


def flatten(texts: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of nested tables, with its key."""
    for name, value in texts.items():
        if isinstance(value, Mapping):
            yield from flatten(value, f"{path}{name}.")
        elif isinstance(value, str):
            yield f"{path}{name}", value


def syntax_fault(error: tomllib.TOMLDecodeError, path: Path, source: str) -> Fault:
    """Return the fault that the parser tells in words, at its line."""
    told = re.search(r" \(at line (\d+), column \d+\)", str(error))
    line = int(told[1]) if told else max(1, len(source.splitlines()))
    text = str(error).replace(told[0], "") if told else str(error)
    return Fault(text, SourceLine(str(path), line))

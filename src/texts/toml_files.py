"""The keys of TOML files, and the lines that they are on, which the parser does not tell."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flow_engine.faults import Fault, SourceLine

_TABLE = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(r"\s*([\w.\"'-]+)\s*=\s*(.*)")
_LONG_QUOTES = ('"""', "'''")


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

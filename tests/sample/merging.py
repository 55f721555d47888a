"""Texts of the sample, with what only the bot's own files have: new keys, languages and words."""

import json
import re
import shutil
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.sample.folders import make_folder

#: The table that always comes from `src`: words that people type, which grow all the time.
WORDS = "words"
MODEL = "en"
_NAME = re.compile(r"\bname\s*=\s*[\"'](\w+)[\"']")
_BARE_KEY = re.compile(r"[\w-]+", re.ASCII)


def merged_folder(sample: Path, own: Path) -> Path:
    """Return a new folder with the texts of both, which is deleted at the end of the process.

    Where both have a text, it is the sample's.
    """
    folder = make_folder("sample-texts")
    shutil.copytree(sample / "files", folder / "files")
    not_shared = flow_names(own.parent / "flows")
    for file in own.glob("*.toml"):
        mine = sample / file.name
        texts = read(mine if mine.is_file() else sample / f"{MODEL}.toml")
        theirs = {name: table for name, table in read(file).items() if name not in not_shared}
        merged = merge(texts, theirs) if mine.is_file() else merge(theirs, texts)
        (folder / file.name).write_text("\n".join(lines_of(merged)), encoding="utf-8")
    return folder


def flow_names(folder: Path) -> Collection[str]:
    """Return the names of the flows and menus in a folder, whose modules need not work."""
    sources = (file.read_text(encoding="utf-8") for file in folder.rglob("*.py"))
    return {name for source in sources for name in _NAME.findall(source)}


def read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def merge(first: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of both; where both have one, the value is that of the first."""
    merged = {**more, **first}
    for name, value in first.items():
        other = more.get(name)
        if isinstance(value, Mapping) and isinstance(other, Mapping):
            merged[name] = merge(value, other)
    return merged


def lines_of(table: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Yield a table as lines of TOML: the keys of JSON and its values are those of TOML, too."""
    keys = {name: name if _BARE_KEY.fullmatch(name) else json.dumps(name) for name in table}
    for name, value in table.items():
        if not isinstance(value, Mapping):
            yield f"{keys[name]} = {json.dumps(value, ensure_ascii=False)}"
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield f"[{path}{keys[name]}]"
            yield from lines_of(value, f"{path}{keys[name]}.")

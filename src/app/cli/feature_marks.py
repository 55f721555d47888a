"""What in the pages of the project is about one feature, and goes with it.

A block between `<!-- feature: NAME -->` and `<!-- /feature -->`, with several names separated by
commas, needs all of these features. A row of a table that names a file of a feature needs that one.
A link to the page of an absent feature becomes plain text.
"""

import re
from collections.abc import Collection, Iterable
from pathlib import Path

_BLOCK = re.compile(r"<!-- feature: ([\w, ]+) -->\n(.*?)<!-- /feature -->\n", re.DOTALL)
_PLACE = re.compile(r"\bfeatures/(\w+)")


def features_there(root: Path) -> frozenset[str]:
    """Return the names of the features in a copy of the project."""
    folder = root / "src/features"
    return frozenset(path.parent.name for path in folder.glob("*/feature.py"))


def without_absent(text: str, there: Collection[str]) -> str:
    """Return a page without the blocks of features that are not there."""

    def keep(block: re.Match[str]) -> str:
        names = re.split(r",\s*", block[1].strip())
        return block[0] if all(name in there for name in names) else ""

    return _BLOCK.sub(keep, text)


def without_rows(text: str, absent: Collection[str]) -> str:
    """Return a page without the rows of tables that name files of absent features."""
    return "".join(line for line in text.splitlines(keepends=True) if not _is_about(line, absent))


def without_links(text: str, pages: Iterable[str]) -> str:
    """Return a page whose links to removed pages are plain text."""
    for page in pages:
        name = re.escape(Path(page).name)
        text = re.sub(rf"\[([^\]]*)\]\((?:\.\./|docs/)*{name}(?:#[\w-]*)?\)", r"\1", text)
    return text


def _is_about(line: str, absent: Collection[str]) -> bool:
    return line.startswith("|") and any(name in absent for name in _PLACE.findall(line))

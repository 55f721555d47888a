"""What in the pages of the project is about one feature, and goes with it.

A block between `<!-- feature: NAME -->` and `<!-- /feature -->`, with several names separated by
commas, needs all of these features. Both marks end a line: one of their own, or one of text. In a
drawing they are `%% feature: NAME` and `%% /feature`. A row of a table that names a file or begins
with a setting of a feature, or leads to its page, needs that one. Another link to the page of an
absent feature becomes plain text.
"""

import re
from collections.abc import Collection, Iterable
from pathlib import Path

_BLOCK = re.compile(
    r" *(?:<!--|%%) feature: ([\w, ]+?)(?: -->)?\n(.*?) *(?:<!-- /feature -->|%% /feature)(\n?)",
    re.DOTALL,
)
_PLACE = re.compile(r"\bfeatures/(\w+)")
#: The setting that a row of a table begins with, and the pages that links lead to.
_SETTING = re.compile(r"\| `([A-Z][A-Z0-9_]*)`")
_LINK = re.compile(r"\]\(([^)#]+)")


def features_there(root: Path) -> frozenset[str]:
    """Return the names of the features in a copy of the project."""
    folder = root / "src/features"
    return frozenset(path.parent.name for path in folder.glob("*/feature.py"))


def without_absent(text: str, there: Collection[str]) -> str:
    """Return a page without the blocks of features that are not there."""

    def keep(block: re.Match[str]) -> str:
        names = re.split(r",\s*", block[1].strip())
        if all(name in there for name in names):
            return block[0]
        ends_a_line = block.string[: block.start()].rpartition("\n")[2] != ""
        return block[3] if ends_a_line else ""

    return _BLOCK.sub(keep, text)


def without_rows(
    text: str, absent: Collection[str], settings: Collection[str] = (), pages: Iterable[str] = ()
) -> str:
    """Return a page without the rows of tables that are about absent features.

    Such rows name a file of one, begin with one of their `settings`, or lead to their `pages` only.
    """
    names = {Path(page).name for page in pages}

    def is_about_absent(line: str) -> bool:
        first, linked = (
            _SETTING.match(line),
            {path.rpartition("/")[2] for path in _LINK.findall(line)},
        )
        return (
            any(name in absent for name in _PLACE.findall(line))
            or (first is not None and first[1] in settings)
            or (bool(linked) and linked <= names)
        )

    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if not (line.startswith("|") and is_about_absent(line)))


def without_links(text: str, pages: Iterable[str]) -> str:
    """Return a page whose links to removed pages are plain text."""
    for page in pages:
        name = re.escape(Path(page).name)
        text = re.sub(rf"\[([^\]]*)\]\((?:\.\./|docs/)*{name}(?:#[\w-]*)?\)", r"\1", text)
    return text

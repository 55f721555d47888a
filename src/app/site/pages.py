"""Pages of the project as pages of the site: other places, and links that fit them."""

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path

#: A link or a picture of Markdown to something in the project: text, target, anchor.
_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|mailto:|#)([^)#\s]+)(#[\w-]+)?\)")
_FENCE = re.compile(r"^(```.*?^```)", re.MULTILINE | re.DOTALL)
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)


def place_of(page: str) -> str:
    """Return the path in the site of a file of the project: README.md is the first page."""
    place = page.removeprefix("docs/")
    folder, name = posixpath.split(place)
    return posixpath.join(folder, "index.md") if name == "README.md" else place


def title_of(text: str) -> str:
    """Return the first heading, without marks of code."""
    found = _TITLE.search(text)
    return found[1].replace("`", "") if found else ""


def on_site(page: str, text: str, titles: Mapping[str, str], repository: str | None) -> str:
    """Return the text of a page with links that lead to pages of the site, or to `repository`.

    `titles` are those of all pages, by path: they take the place of paths in the text of links.
    Without a repository, a link to a file of the project becomes its text.
    """

    def link(found: re.Match[str]) -> str:
        mark, words, target, anchor = found[1], found[2], found[3], found[4] or ""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(page), target))
        index = posixpath.join(path, "README.md")
        path = index if index in titles else path
        if mark or path in titles:
            shown = titles[path] if words.endswith(".md") and not mark else words
            here = posixpath.dirname(place_of(page)) or "."
            return f"{mark}[{shown}]({posixpath.relpath(place_of(path), here)}{anchor})"
        return f"[{words}]({repository}/{path}{anchor})" if repository else words

    parts = _FENCE.split(text)
    return "".join(part if part.startswith("```") else _LINK.sub(link, part) for part in parts)


def pictures_in(page: str, text: str) -> Mapping[str, str]:
    """Return the pictures that a page shows: path in the project to path in the site."""
    paths = (
        posixpath.normpath(posixpath.join(posixpath.dirname(page), found[3]))
        for found in _LINK.finditer(text)
        if found[1]
    )
    return {path: place_of(path) for path in paths}


def stage(
    root: Path, texts: Mapping[str, str], folder: Path, repository: str | None = None
) -> None:
    """Write pages and their pictures into a folder, as the site has them.

    `texts` are those of the pages, by path in the project at `root`.
    """
    titles = {page: title_of(text) for page, text in texts.items()}
    for page, text in texts.items():
        _write(folder / place_of(page), on_site(page, text, titles, repository).encode())
        for picture, place in pictures_in(page, text).items():
            _write(folder / place, (root / picture).read_bytes())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)

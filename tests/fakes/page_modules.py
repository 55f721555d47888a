"""Which modules a page of ours loads, and which it asks the browser to load at once."""

import re
from pathlib import Path

_SCRIPT = re.compile(r'<script type="module" src="[^"]*?([\w-]+\.js)"')
_PRELOAD = re.compile(r'<link rel="modulepreload" href="[^"]*?([\w-]+\.js)"')
_IMPORT = re.compile(r'^import [^"]*"\./([\w-]+\.js)"', re.MULTILINE)


def loaded(page: Path) -> set[str]:
    """Return the names of the modules that a page needs, its first one aside."""
    [first] = _SCRIPT.findall(page.read_text())
    found: set[str] = set()
    left = [first]
    while left:
        more = set(_IMPORT.findall((page.parent / left.pop()).read_text())) - found
        found |= more
        left += more
    return found - {first}


def preloaded(page: Path) -> set[str]:
    """Return the names of the modules that a page has preloaded: none waits for another."""
    return set(_PRELOAD.findall(page.read_text()))

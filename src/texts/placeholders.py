"""The `{names}` in a text that are filled in when it is said."""

import re
from collections.abc import Iterator
from string import Formatter

#: What a name in braces may continue with: an attribute, an index.
_CONTINUATION = re.compile(r"[.\[]")


def placeholders(text: str) -> frozenset[str]:
    """Return the names that a text wants filled in; ValueError if its braces do not match."""
    return frozenset(_names(text))


def _names(text: str) -> Iterator[str]:
    for _, name, form, _ in Formatter().parse(text):
        if name is not None:
            yield _CONTINUATION.split(name)[0]
        if form:
            yield from _names(form)

"""The texts that are shipped are checked once for all bots of a test run: it takes most of a start.

What a test changes is checked again: other texts, flows or features are other objects.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from app.checks.definitions import text_faults
from app.composition import conversations
from app.composition.catalogue import load_texts
from flow_engine import Fault
from flow_engine.registry import FoundDefinitions
from services.feature import Feature
from texts.catalogue import Texts

#: What was checked without a fault, with all that it was checked with: an id may come again.
_FAULTLESS: dict[tuple[Any, ...], object] = {}


@contextmanager
def checking_once() -> Iterator[None]:
    """Have bots start without a check of what another bot has started with."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conversations, "text_faults", _faults)
        yield


def _faults(
    texts: Texts,
    found: FoundDefinitions,
    features: Sequence[type[Feature]],
    default_language: str | None,
) -> Sequence[Fault]:
    parts = (*found.definitions, *features, *(one.required_texts for one in features))
    key = (tuple(map(id, parts)), found.unusable, default_language)
    if texts is not load_texts():
        return list(text_faults(texts, found, features, default_language))
    if key not in _FAULTLESS:
        if faults := list(text_faults(texts, found, features, default_language)):
            return faults
        _FAULTLESS[key] = parts
    return ()

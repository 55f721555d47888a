"""The texts of the core and of the features that are there, and the flows that say them."""

from functools import cache, partial
from pathlib import Path

import texts as core_texts
from app.checks.definitions import parts_of
from app.checks.saved_forms import saved_data
from app.checks.text_uses import names_given, uses_in
from app.composition.features import feature_texts, find_features
from flow_engine import Flows
from flow_engine.registry import FoundDefinitions
from texts.catalogue import Texts
from texts.required import CORE_TEXTS
from utils.kept_by_identity import KeptByIdentity

_MADE = KeptByIdentity[tuple[Flows, Texts]](most=4)


def load_texts() -> Texts:
    """Return the texts of the core and of the features that are there."""
    return _load_texts(Path(core_texts.__path__[0]))


@cache
def _load_texts(core: Path) -> Texts:
    return Texts.load(core, *feature_texts())


def conversations_of(texts: Texts, found: FoundDefinitions) -> tuple[Flows, Texts]:
    """Return the flows, and the texts with the names that are filled in wherever each is said.

    Both are made once for all bots of a process; each gets a copy of the texts, for its operators.
    """
    parts = parts_of(texts, found, find_features())
    known, named = _MADE.get(parts, partial(_make, texts, found))
    return known, named.copy()


def _make(texts: Texts, found: FoundDefinitions) -> tuple[Flows, Texts]:
    saved = saved_data(found.definitions)
    known = Flows(found.definitions, texts.triggers, texts.phrases, saved)
    required = [CORE_TEXTS, *(feature.required_texts for feature in find_features())]
    return known, texts.given(names_given(uses_in(found.definitions, required)))

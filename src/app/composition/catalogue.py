"""The texts of the core and of the features that are there."""

from functools import cache
from pathlib import Path

import texts as core_texts
from app.checks.text_uses import names_given, uses_in
from app.composition.features import feature_texts, find_features
from flow_engine.registry import FoundDefinitions
from texts.catalogue import Texts
from texts.required import CORE_TEXTS


def load_texts() -> Texts:
    """Return the texts of the core and of the features that are there."""
    return _load_texts(Path(core_texts.__path__[0]))


@cache
def _load_texts(core: Path) -> Texts:
    return Texts.load(core, *feature_texts())


def knowing_their_names(texts: Texts, found: FoundDefinitions) -> Texts:
    """Return the texts with the names that are filled in wherever each of them is said."""
    required = [CORE_TEXTS, *(feature.required_texts for feature in find_features())]
    return texts.given(names_given(uses_in(found.definitions, required)))

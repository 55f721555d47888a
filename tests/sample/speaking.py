"""Which bot a test is about: the sample, or what is in `src`."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from tests.sample.merging import merged_folder

import texts
from app.composition import conversations

if TYPE_CHECKING:
    import pytest

HERE = Path(__file__).parent
TESTS = HERE.parent
#: Features whose tests tell of the sample; those of other features tell of `src`.
FEATURES = HERE / "features.txt"
OWN = Path(texts.__path__[-1])


def use_sample() -> None:
    """Have every bot of this process speak the sample, from now on."""
    folder = merged_folder(HERE / "texts", OWN)
    _use(importlib.import_module("tests.sample.flows"), str(folder), str(OWN))


@contextmanager
def own_flows() -> Iterator[None]:
    """Have bots speak what is in `src`, for a while."""
    before = vars(conversations)["flows"], list(texts.__path__)
    _use(importlib.import_module("flows"), str(OWN))
    try:
        yield
    finally:
        _use(before[0], *before[1])


def tells_of_own_flows(item: "pytest.Item") -> bool:
    """Return whether a test is about what is in `src`."""
    return item.get_closest_marker("own_flows") is not None or is_own(item.path)


def is_own(path: Path) -> bool:
    """Return whether a test or a story, by its file, is about what is in `src`."""
    if not path.is_relative_to(TESTS):
        return False
    match path.relative_to(TESTS).parts:
        case ("flows", *_):
            return True
        case ("features", name, _, *_):
            return name not in FEATURES.read_text(encoding="utf-8").split()
    return False


def _use(flows: ModuleType, *folders: str) -> None:
    # Both are looked up whenever a bot is built.
    vars(conversations)["flows"] = flows
    texts.__path__[:] = folders

"""Mistakes in the file of a feature are told with their place, and one that lacks another waits."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from loguru import logger

import features
from app.composition.features import FeatureError, find_features

Write = Callable[..., None]
LOYALTY = """
from services.feature import Feature
class Loyalty(Feature):
    name = "loyalty"
    summary = "points for regulars"
    needs = {needs}
FEATURE = Loyalty
"""


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Return a function that writes `feature.py` of features in another folder."""
    folder = tmp_path / "features"
    monkeypatch.setattr(features, "__path__", [str(folder)])
    known = set(sys.modules)

    def write_one(source: str, name: str = "loyalty") -> None:
        (folder / name).mkdir(parents=True)
        (folder / name / "feature.py").write_text(source)

    yield write_one
    for name in {name for name in sys.modules if name.startswith("features.")} - known:
        del sys.modules[name]


def found() -> list[str]:
    return [feature.name for feature in find_features.__wrapped__()]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("x = 1\ndef f(:\n", r"features/loyalty/feature\.py:2: SyntaxError: "),
        ("x = 1\n\nx.points\n", r"features/loyalty/feature\.py:3: AttributeError: "),
        ("import absent_library\n", r"features/loyalty/feature\.py:1: ModuleNotFoundError: "),
        ("x = 1\n", r"features/loyalty/feature\.py: FEATURE must name the feature"),
        (
            LOYALTY.format(needs=()).replace('"loyalty"', '"x"'),
            "name must be the folder's, loyalty",
        ),
        ("FEATURE = 1\n", r"features/loyalty/feature\.py: FEATURE must name the feature"),
        (LOYALTY.format(needs=("loyalty",)), "these features need each other: loyalty"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_its_place(
    write: Write, source: str, told: str
) -> None:
    write(source)
    with pytest.raises(FeatureError, match=told):
        found()


def test_what_needs_an_absent_feature_is_left_out_and_a_likely_name_is_told(
    write: Write,
) -> None:
    write(LOYALTY.format(needs=("point",)))
    write(LOYALTY.format(needs=()).replace("loyalty", "points"), "points")
    write(LOYALTY.format(needs=("loyalty",)).replace('"loyalty"', '"cards"', 1), "cards")
    told: list[str] = []
    sink = logger.add(told.append, format="{message}", level="WARNING")
    assert found() == ["points"]
    logger.remove(sink)
    assert told == [
        'features/loyalty is left out: it needs point; did you mean "points"?\n',
        "features/cards is left out: it needs loyalty\n",
    ]

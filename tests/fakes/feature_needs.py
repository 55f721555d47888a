"""Tests run with the features that they need: `@pytest.mark.needs("handoff")`.

A test in `tests/features/<name>/` imports that feature and those in its `needs`, and no other; the
other tests import none. Features that take part while a test runs are named by the mark, and
without them the test is left out; what it uses of their modules it gets from `import_module`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.composition.features import find_features

FOLDER = Path(__file__).parents[1] / "features"


def leave_out_absent(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests whose features are not there."""
    there = {feature.name for feature in find_features()}
    left_out = [item for item in items if not there.issuperset(_needs(item))]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def _needs(item: pytest.Item) -> Iterator[str]:
    """The features that a test names, and the one that its folder is of."""
    for mark in item.iter_markers("needs"):
        yield from mark.args
    if FOLDER in item.path.parents:
        [name, *rest] = item.path.relative_to(FOLDER).parts
        if rest:
            yield name

"""The copies in tests/sample are what the template ships."""

import os

import pytest
from tests.sample.copying import differing

#: The variable of `.ci/run` by which copies that differ fail.
DEMAND = "SAMPLE_IS_WHAT_SHIPS"
TOLD = """src is not what tests/sample tells of: {files}.
In a fork this is as it should be: the tests go on telling of the copies, and yours are in
tests/flows. If this test fails, delete the line with {demand} from .ci/run.
In the template, run `python3 -m tests.sample`, and commit what it changes."""


def test_the_sample_is_what_ships() -> None:
    if found := differing():
        told = TOLD.format(files=", ".join(found), demand=DEMAND)
        pytest.fail(told) if os.environ.get(DEMAND) else pytest.skip(told)

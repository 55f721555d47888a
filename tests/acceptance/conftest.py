"""A laptop for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fakes.laptop import Laptop


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Laptop]:
    laptop = Laptop(tmp_path)
    yield laptop
    laptop.close()

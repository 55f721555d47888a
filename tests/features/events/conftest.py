"""A bot that other systems tell events."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.features.events.teller import Teller


@pytest.fixture
async def teller(tmp_path: Path) -> AsyncIterator[Teller]:
    teller = Teller(tmp_path)
    await teller.begin()
    yield teller
    await teller.stop()

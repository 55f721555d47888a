"""A town whose templates are approved at Meta and known to the bot."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.features.notifications.town import Town


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    town = Town(tmp_path)
    await town.begin()
    yield town
    await town.stop()

"""A bot whose business may write to 250 people a day."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.fakes.bot import BotHarness


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[BotHarness]:
    town = BotHarness(tmp_path)
    town.account.number.messaging_limit = "TIER_250"
    await town.start()
    await town.settle()
    yield town
    await town.stop()

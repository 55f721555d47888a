"""A town whose owner is signed in at the inbox."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.features.inbox.town import Town


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    town = Town(tmp_path)
    await town.start()
    await town.sign_in()
    yield town
    await town.stop()

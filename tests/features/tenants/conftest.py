"""The business of the settings, a bakery with two numbers, a florist with an app of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.features.tenants.mall import (
    BAKERY,
    BAKERY_ORDERS,
    FLORIST,
    FLORIST_SECRET,
    Mall,
    app,
    number,
    setting,
)

from features.tenants.tables import StoredTenant


@pytest.fixture
async def mall(tmp_path: Path) -> AsyncIterator[Mall]:
    mall = Mall(tmp_path)
    await mall.start()
    await mall.change(
        StoredTenant("bakery", "The bakery"),
        StoredTenant("florist", "The florist"),
        number(BAKERY, "bakery", display="15550000002"),
        number(BAKERY_ORDERS, "bakery", display="15550000003"),
        number(FLORIST, "florist", "florist-app", account_id="200000000000009"),
        setting("bakery", "TIMEZONE", "America/Bogota"),
        setting("florist", "DEFAULT_LANGUAGE", "pt"),
        # what is said is answered at once
        setting("bakery", "BURST_PAUSE_SECONDS", "0"),
        setting("florist", "BURST_PAUSE_SECONDS", "0"),
        app("florist-app", FLORIST_SECRET),
    )
    await mall.settle()
    yield mall
    await mall.stop()

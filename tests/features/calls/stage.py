"""Calls in stories."""

from pathlib import Path
from typing import Any

from tests.features.calls.fake_engine import FakeEngine
from tests.features.calls.phone import CallTown


def make_town(folder: Path, **more: Any) -> CallTown:
    """Return a bot that people call; it answers with the setting `calls_enabled`."""
    engine = FakeEngine() if more.get("calls_enabled") == "true" else None
    return CallTown(folder, engine, **more)


async def call(town: CallTown, who: str, keys: str) -> None:
    """Somebody calls, presses keys, and hangs up."""
    ringing = await town.call(who)
    for key in keys:
        await town.press(ringing, key, who)
    await town.hang_up(who)

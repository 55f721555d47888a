"""An engine that was configured, where the extra calls is installed."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from emulator.openai.testing import OpenAIDouble
from features.calls.protocol import Configure

if TYPE_CHECKING:
    from tests.features.calls.engine.engine_run import EngineRun
    from tests.features.calls.engine.talk_run import Talk


@pytest.fixture
async def run(tmp_path: Path) -> "AsyncIterator[EngineRun]":
    """An engine; its phones hang up at the end."""
    from tests.features.calls.engine.engine_run import EngineRun

    run = EngineRun(tmp_path)
    await run.engine.handle(Configure(loopback=True))
    yield run
    await asyncio.gather(*(phone.hang_up() for phone in run.phones))
    await run.engine.close()


@pytest.fixture
async def talk(tmp_path: Path, openai: OpenAIDouble) -> "AsyncIterator[Talk]":
    """An engine whose callers talk with the emulated models."""
    from tests.features.calls.engine.talk_run import talking

    async with talking(tmp_path, openai) as talk:
        yield talk

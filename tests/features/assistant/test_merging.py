"""What the assistant was told by a person who was known twice."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.bot import ANA, BotHarness
from tests.fakes.known_twice import WORDS, write_by_phone

from emulator.openai.testing import OpenAIDouble
from jobs.maintenance import states_of
from storage.engine.group_commit import Transaction


@pytest.fixture
async def town(tmp_path: Path, openai: OpenAIDouble) -> AsyncIterator[BotHarness]:
    """Ana has written without her number, and before that with nothing else."""
    town = BotHarness(tmp_path, openai=openai)
    await town.start()
    town.person(ANA).hides_phone = True
    await town.say("hola")
    await write_by_phone(town, WORDS)
    await town.settle()
    yield town
    await town.stop()


async def test_whoever_deletes_their_data_deletes_the_talk_of_before(town: BotHarness) -> None:
    town.person(ANA).hides_phone = False
    await town.say("borrar mis datos")
    assert "canario" in str(await talks(town))
    await town.tap("sure.yes")
    assert "canario" not in str(await talks(town))


async def talks(town: BotHarness) -> Any:
    return await town.database.submit(Transaction(lambda c, _: states_of(c, "in")))

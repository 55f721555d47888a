"""Characters that no database can hold do not keep a person from operators."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.fakes.bot import BotHarness
from tests.fakes.operators import contact, sync

from emulator.airtable.testing import AirtableDouble
from storage.engine import group_commit

HALF = "\ud83d"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "FIRST_RETRY_SECONDS", 0.001)


@pytest.fixture
async def town(tmp_path: Path, airtable: AirtableDouble) -> AsyncIterator[BotHarness]:
    town = BotHarness(tmp_path, airtable=airtable, airtable_messages_days=1)
    await town.start()
    await town.settle()
    yield town
    await town.stop()


async def test_whoever_writes_half_characters_is_answered_and_shown(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    assert await town.say(f"hola {HALF} \0") != []
    assert await town.send({"type": f"new {HALF}", "new": HALF}) != []
    assert await town.say("hola") != []
    await sync(town)
    assert contact(airtable)["Last message"] == "hola"

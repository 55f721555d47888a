"""Operators read what a person has changed their message to."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.conversations.test_edits import edit
from tests.fakes.bot import BotHarness

from emulator.airtable.testing import AirtableDouble
from storage.engine.database import metadata
from storage.engine.group_commit import Transaction


@pytest.fixture
async def staffed(tmp_path: Path, airtable: AirtableDouble) -> AsyncIterator[BotHarness]:
    """A town in which operators read along."""
    town = BotHarness(tmp_path, airtable=airtable, airtable_messages_days=1)
    await town.start()
    await town.settle()
    yield town
    await town.stop()


async def rows(town: BotHarness, table: str, name: str) -> list[object]:
    query = select(metadata.tables[table].c[name])
    return await town.database.submit(Transaction(lambda c, _: list(c.scalars(query))))


async def test_the_text_is_replaced(staffed: BotHarness) -> None:
    await staffed.say("mi pedido 1234 nunca llego")
    await edit(staffed, "mi pedido 1234 nunca llego", "mi pedido 1235 nunca llego")
    texts = await rows(staffed, "message", "text")
    assert "mi pedido 1235 nunca llego" in texts
    assert "mi pedido 1234 nunca llego" not in texts
    assert await rows(staffed, "desk", "last_message") == ["mi pedido 1235 nunca llego"]

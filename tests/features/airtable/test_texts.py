"""Operators change what the bot says, within WhatsApp's limits."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.fakes.bot import JOHN, BotHarness
from tests.fakes.operators import sync, write

from emulator.airtable.testing import AirtableDouble


@pytest.fixture
async def town(tmp_path: Path, airtable: AirtableDouble) -> AsyncIterator[BotHarness]:
    town = BotHarness(tmp_path, airtable=airtable)
    await town.start()
    await town.settle()
    yield town
    await town.stop()


async def test_a_text_of_operators_is_said_at_once_and_a_bad_one_is_not(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    made = write(airtable, "Texts", Key="main_menu.ask", Language="en", Text="Welcome!")
    await sync(town)
    assert await town.say("hello", JOHN) == ["Welcome!"]
    [row] = airtable.rows("Texts")
    assert row["Default"].startswith("Hello")
    airtable.edit("Texts", made, Text="x" * 1025)
    await sync(town)
    assert "it has 1025 characters; WhatsApp takes 1024" in airtable.rows("Texts")[0]["Problem"]
    assert await town.say("hello", JOHN) == ["Welcome!"]
    airtable.edit("Texts", made, Text=None)
    await sync(town)
    assert "Problem" not in airtable.rows("Texts")[0]
    assert (await town.say("hello", JOHN))[0].startswith("Hello")


@pytest.mark.parametrize(
    ("key", "language", "text", "problem"),
    [
        ("main_menu.aks", "en", "Hi", "there is no text with the key main_menu.aks"),
        ("words.human", "en", "Hi", "there is no text with the key words.human"),
        ("main_menu.ask", None, "Hi", "Language is one of"),
        ("common.cancelled", "en", "Bye {nmae}", "{nmae} is not filled in here"),
        ("common.cancelled", "en", "Bye {", "its braces do not match"),
        ("main_menu.options.events.title", "en", "x" * 21, "WhatsApp takes 20"),
    ],
)
async def test_a_text_that_does_not_fit_says_why(
    town: BotHarness,
    airtable: AirtableDouble,
    key: str,
    language: str | None,
    text: str,
    problem: str,
) -> None:
    write(airtable, "Texts", Key=key, Language=language, Text=text)
    await sync(town)
    assert problem in airtable.rows("Texts")[0]["Problem"]

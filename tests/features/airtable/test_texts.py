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


async def test_a_text_may_name_what_is_filled_in_though_that_of_the_files_does_not(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    write(airtable, "Texts", Key="main_menu.ask", Language="en", Text="Welcome, {first_name}!")
    ask = "And your document, {full_name:first}?"
    write(airtable, "Texts", Key="registration.id_type.ask", Language="en", Text=ask)
    await sync(town)
    assert ["Problem" in row for row in airtable.rows("Texts")] == [False, False]
    assert await town.say("hello", JOHN) == ["Welcome, Someone!"]
    await town.say("register", JOHN)
    assert (await town.say("Jane Doe", JOHN))[-1] == "And your document, Jane?"


async def test_the_default_is_shown_beside_a_text_that_does_not_fit(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    write(airtable, "Texts", Key="main_menu.ask", Language="en", Text="Hi {nmae}")
    await sync(town)
    [row] = airtable.rows("Texts")
    assert row["Default"].startswith("Hello")
    assert "{nmae} is not filled in here; what is: {first_name}" in row["Problem"]


@pytest.mark.parametrize(
    ("key", "language", "text", "problem"),
    [
        ("main_menu.aks", "en", "Hi", "there is no text with the key main_menu.aks"),
        ("words.human", "en", "Hi", "there is no text with the key words.human"),
        ("main_menu.ask", None, "Hi", "Language is one of"),
        ("main_menu.aks", None, "Hi", "Language is one of en, es, pt. there is no text with"),
        ("main_menu.aks", "en", "Hi", "main_menu.aks (there is main_menu.ask"),
        ("would you like to do", "en", "Hi", " main_menu.ask, "),
        ("common.cancelled", "en", "Bye {nmae}", "{nmae} is not filled in here"),
        ("common.cancelled", "en", "Bye {", "its braces do not match"),
        ("common.cancelled", "en", "Bye {first_name:frist}", 'the filter "frist" is unknown'),
        ("common.cancelled", "en", "{first_name:{size}}", 'the filter "{size}" is unknown'),
        ("common.cancelled", "en", "{first_name:>99999999}", "is unknown"),
        ("common.cancelled", "en", "{first_name}", "it says nothing where what it names is empty"),
        ("main_menu.options.events.title", "en", "{first_name}", "{first_name} is not filled in"),
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

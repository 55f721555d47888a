"""The first bubble that somebody gets says that a bot answers them, and what is always possible."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.fakes.bot import ANA, JOHN, BotHarness

from flow_engine.profile_names import first_name_in

BOT = "I'm a bot. Send *stop* at any time for no more messages."
BRAZILIAN = "5511987654321"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[BotHarness]:
    town = BotHarness(tmp_path, shows_first_contact=True)
    await town.start()
    yield town
    await town.stop()


async def test_the_menu_greets_a_stranger_by_name_and_says_that_it_is_a_bot(
    town: BotHarness,
) -> None:
    town.person(JOHN).name = "TESS 🌸 Martin"
    [greeting] = await town.say("hello", JOHN)
    assert greeting == f"Hello, Tess! What would you like to do?\n\n{BOT}"
    assert await town.say("hello", JOHN) == ["Hello! What would you like to do?"]


async def test_in_the_language_of_the_person(town: BotHarness) -> None:
    [greeting] = await town.say("oi", BRAZILIAN)
    assert greeting.startswith("Olá! O que você gostaria de fazer?\n\nEu sou um bot.")
    town.person(ANA).name = "Lucía"
    [greeting] = await town.say("hola", ANA)
    assert greeting.startswith("¡Hola, Lucía! ")


async def test_whatever_comes_first_says_it_once(town: BotHarness) -> None:
    [question] = await town.say("register", JOHN)
    assert question == f"What is your full name?\n\n{BOT}"
    [question] = await town.say("John Doe", JOHN)
    assert "bot" not in question


async def test_the_bubble_with_the_menu_has_it_where_there_are_two(town: BotHarness) -> None:
    await town.say("language", JOHN)
    first = [one for one in town.replies(JOHN) if one.endswith(BOT)]
    assert len(first) == 1
    [told] = await town.tap("en", JOHN)
    assert "bot" not in told


async def test_whatever_opens_the_conversation_is_answered_with_the_menu(town: BotHarness) -> None:
    [menu] = await town.say("the moon is blue", JOHN)
    assert menu.endswith(BOT)


async def test_it_waits_while_nothing_is_said(town: BotHarness) -> None:
    await town.send({"type": "reaction", "reaction": {"message_id": "x", "emoji": "👍"}}, JOHN)
    stopped, *_ = await town.say("stop", JOHN)
    assert BOT not in stopped
    *_, menu = await town.say("start", JOHN)
    assert menu.endswith(BOT)


async def test_a_restart_does_not_make_people_new(town: BotHarness) -> None:
    await town.say("hello", JOHN)
    await town.restart()
    assert await town.say("hello", JOHN) == ["Hello! What would you like to do?"]


@pytest.mark.parametrize(
    ("profile", "name"),
    [
        ("Tess", "Tess"),
        ("tess martin", "Tess"),
        ("✨ Tess ✨", "Tess"),
        ("~Tess~", "Tess"),
        ("MARÍA LÓPEZ", "María"),
        ("JP", "JP"),
        ("Jean-Luc Picard", "Jean-Luc"),
        ("soy Ana", "Ana"),
        ("Владимир", "Владимир"),
        ("McKenzie", "McKenzie"),
        ("王小明", "王小明"),
    ],
)
def test_what_looks_like_a_name(profile: str, name: str) -> None:
    assert first_name_in(profile) == name


@pytest.mark.parametrize(
    "profile",
    [None, "", ".", "🌸", "T", "user 7", "x99", "Hotel Sol", "Someone", "Mr Smith", "Hola"],
)
def test_what_does_not(profile: str | None) -> None:
    assert first_name_in(profile) == ""

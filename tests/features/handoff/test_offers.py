"""People who are stuck are offered a person."""

import pytest
from tests.conversations.test_refusals import titles
from tests.fakes.bot import ANA, JOHN, BotHarness

pytestmark = pytest.mark.needs("airtable")


@pytest.mark.parametrize(
    ("who", "start", "offered"),
    [
        (ANA, "registrarme", ["Cancelar", "Hablar con alguien"]),
        (JOHN, "register", ["Cancel", "Talk to a person"]),
    ],
)
async def test_in_a_form(staffed: BotHarness, who: str, start: str, offered: list[str]) -> None:
    await staffed.say(start, who)
    await staffed.say("7", who)
    await staffed.say("7", who)
    assert titles(staffed, who) == offered
    [handed_over] = await staffed.tap("exit.human", who)
    assert "equipo" in handed_over or "colleague" in handed_over
    assert (await staffed.user(who)).status == "Needs human"


@pytest.mark.parametrize(
    ("who", "offered"), [(ANA, "Hablar con alguien"), (JOHN, "Talk to a person")]
)
async def test_after_two_misses(staffed: BotHarness, who: str, offered: str) -> None:
    await staffed.say("menu", who)
    for misses, is_offered in (
        ("zutano perengano", False),
        ("perengano zutano", True),
        ("mengano", False),
    ):
        await staffed.say(misses, who)
        assert (offered in titles(staffed, who)) is is_offered


async def test_a_message_that_is_understood_ends_the_misses(staffed: BotHarness) -> None:
    await staffed.say("hola")
    for words in ("zutano perengano", "hola", "zutano perengano"):
        await staffed.say(words)
        assert "Hablar con alguien" not in titles(staffed, ANA)

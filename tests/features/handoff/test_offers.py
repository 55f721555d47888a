"""People who are stuck are offered a person."""

import pytest
from tests.conversations.test_refusals import titles
from tests.fakes.bot import ANA, JOHN, BotHarness
from tests.features.handoff.test_what_people_mean import staffed

__all__ = ["staffed"]
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
    assert len(await staffed.say("zutano perengano", who)) == 2
    assert len(await staffed.say("perengano zutano", who)) == 1
    assert offered in titles(staffed, who)
    assert len(await staffed.say("mengano", who)) == 2


async def test_a_message_that_is_understood_ends_the_misses(staffed: BotHarness) -> None:
    await staffed.say("zutano perengano")
    await staffed.say("hola")
    assert len(await staffed.say("zutano perengano")) == 2

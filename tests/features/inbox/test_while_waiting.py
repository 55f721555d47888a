"""People who wait for an operator may go on with the bot in their own words."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.fakes.bot import BotHarness
from tests.features.inbox.town import TOKEN

WHO = "15550003333"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[BotHarness]:
    town = BotHarness(tmp_path, inbox_sign_in_token=TOKEN)
    await town.start()
    yield town
    await town.stop()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Nobody? Please just close that.", ("request to our team is closed",)),
        (
            "never mind i'll continue with you, when is the next one",
            ("request to our team is closed", "The workshop is on Saturday"),
        ),
        ("Cuénteme usted entonces, ¿cuánto cuesta?", ("Cerramos tu solicitud", "40.000")),
        ("deixa pra lá, onde fica?", ("Fechamos seu pedido", "Bogotá")),
        ("how much does it cost", ("40,000 pesos", "stays open")),
        ("ya nadie contesta? cancela, mejor bórrame todo", ("¿Borramos todos tus datos?",)),
        ("nobody? delete all", ("Delete all your data?",)),
    ],
)
async def test_their_own_words_are_heard(
    town: BotHarness, said: str, told: tuple[str, ...]
) -> None:
    await town.say("talk to a person", WHO)
    answer = " ".join(await town.say(said, WHO))
    assert all(one in answer for one in told), answer


@pytest.mark.parametrize("said", ["i was charged twice, cancel", "mi pedido 1234 nunca llegó"])
async def test_what_is_told_is_for_operators(town: BotHarness, said: str) -> None:
    await town.say("talk to a person", WHO)
    assert await town.say(said, WHO) == []


@pytest.mark.parametrize(("minutes", "told"), [(10, "for 10 min"), (70, "for 1 h")])
async def test_how_long_they_have_waited_is_no_time_of_day(
    town: BotHarness, minutes: int, told: str
) -> None:
    await town.say("talk to a person", WHO)
    town.clock.advance(timedelta(minutes=minutes))
    told_now = await town.say("any news?", WHO)
    assert told in " ".join(told_now)


@pytest.mark.parametrize(
    ("said", "again"),
    [
        ("i cant come tomorrow, how do i cancel?", "then cancel my spot"),
        ("não vou conseguir ir hj, como cancelo?", "entao cancela minha vaga pf"),
        ("no voy a poder ir, ¿cómo cancelo?", "cancela mi cupo"),
    ],
)
async def test_a_place_that_is_given_back_is_one_ticket(
    town: BotHarness, said: str, again: str
) -> None:
    await town.say("hello", WHO)
    [noted] = await town.say(said, WHO)
    [known] = await town.say(again, WHO)
    told = " ".join(await town.say("my data", WHO))
    assert noted != known
    assert said in told
    assert again not in told


async def test_a_place_is_not_taken_where_nobody_can_be_reached(tmp_path: Path) -> None:
    town = BotHarness(tmp_path)
    await town.start()
    await town.say("hello", WHO)
    [answer] = await town.say("cancel my spot", WHO)
    assert "can't be reached" in answer
    await town.stop()

"""Numbers in place of a kind of document, and documents that are not accepted."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.fakes.bot import BotHarness


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[BotHarness]:
    town = BotHarness(tmp_path)
    await town.start()
    yield town
    await town.stop()


async def number_of(town: BotHarness, *said: str) -> str:
    """What stands in the review after some messages from the kind of document on."""
    for one in (*said, "25/12/1990"):
        await town.say(one)
    [review] = await town.say("designer")
    return review


async def start(town: BotHarness) -> None:
    for said in ("register", "Rita Souza"):
        await town.say(said)


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("A04551239", "A04551239"),
        ("FZ 889 201", "FZ889201"),
        ("ah achei, é FZ 889 201", "FZ889201"),
        ("passport then it's A zero four five one two three nine", "A0451239"),
    ],
)
async def test_the_number_of_a_passport_says_what_it_is(
    town: BotHarness, said: str, number: str
) -> None:
    await start(town)
    review = await number_of(town, said)
    assert "*Document:* Passport\n" in review
    assert f"*Document number:* {number}\n" in review


async def test_a_number_of_digits_is_kept_while_the_kind_is_asked(town: BotHarness) -> None:
    await start(town)
    [asked] = await town.say("1023456789")
    assert asked == "You wrote “1023456789”.\n\nWhich identity document do you have?"
    review = await number_of(town, "passport")
    assert "*Document number:* 1023456789\n" in review


async def test_words_before_a_number_are_no_part_of_it(town: BotHarness) -> None:
    await start(town)
    review = await number_of(town, "passport", "ah achei, é FZ 889 201")
    assert "*Document number:* FZ889201\n" in review


@pytest.mark.parametrize(
    "said",
    [
        "I only have a student ID",
        "solo tengo licencia",
        "no tengo cedula tengo 16 años, solo la TI",
        "só tenho RG",
    ],
)
async def test_people_without_a_document_are_told_so(town: BotHarness, said: str) -> None:
    await start(town)
    [told] = await town.say(said)
    assert told.startswith(
        ("Registering isn't possible without", "Sin uno de estos", "Sem um destes")
    )


@pytest.mark.parametrize(
    "said", ["no tengo pasaporte, es la TI 1023456789", "não tenho, só CPF 12345678900"]
)
async def test_a_document_that_is_not_accepted_is_not_stored(town: BotHarness, said: str) -> None:
    await start(town)
    await town.say("passport")
    await town.say(said)
    review = await number_of(town, "passport", "A04551239")
    assert ":* A04551239\n" in review


async def test_a_number_is_corrected_in_pidgin(town: BotHarness) -> None:
    await start(town)
    for said in ("passport", "A09238812", "25/12/1990"):
        await town.say(said)
    [told] = await town.say("wait i make mistake the passport na A09238821 no be 12")
    assert told.startswith("Corrected.")
    [review] = await town.say("mechanic")
    assert "*Document number:* A09238821\n" in review


@pytest.mark.parametrize("text", ["parar msgs", "e pode parar de mandar msg pfv", "stop the msgs"])
async def test_no_more_messages_are_wanted_where_a_name_is_asked(
    town: BotHarness, text: str
) -> None:
    await town.say("cadastrar")
    [told] = await town.say(text)
    assert told.startswith(("Pronto, você não vai mais", "You won't get any more", "Quer parar"))


async def test_a_form_that_is_refused_is_left(town: BotHarness) -> None:
    await start(town)
    [told] = await town.say("I don't want to give any document, sorry. forget it")
    assert told.startswith("Okay, I've stopped")

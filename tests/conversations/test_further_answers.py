"""What people say beyond a question is kept, where it clearly answers the next ones."""

from pathlib import Path

import pytest
from pydantic import BaseModel
from tests.fakes.bot import ANA, JOHN, BotHarness
from tests.fakes.fork import add_flow

from flow_engine import Ask, Flow, Review, Say

BORN, NUMBER, KIND, ABOUT = (
    "When were you born?",
    "What is its number?",
    "Which identity document do you have?",
    "Tell us",
)


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("passport, AB1020300", BORN),
        ("passport AB1020300", BORN),
        ("my passport is AB1020300", BORN),
        ("cc 1.020.300", BORN),
        ("passport\nAB1020300", BORN),
        ("passport, AB1020300, 25/12/1990", ABOUT),
        ("passport please", NUMBER),
        ("I have a passport, thanks", NUMBER),
        ("passport, hurry up", NUMBER),
    ],
)
async def test_type_and_number_of_a_document(town: BotHarness, said: str, asked: str) -> None:
    await town.say("register", JOHN)
    await town.say("Grace Hopper", JOHN)
    [question] = await town.say(said, JOHN)
    assert question.startswith(asked)


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Grace Hopper, passport", NUMBER),
        ("Grace Hopper, cc 1020300", BORN),
        ("Grace Hopper, passport, AB1020300 and 25/12/1990", ABOUT),
        ("Grace Hopper, can I ask something?", KIND),
        ("Grace Hopper", KIND),
        ("Hopper, Grace", KIND),
    ],
)
async def test_a_name_and_more(town: BotHarness, said: str, asked: str) -> None:
    await town.say("register", JOHN)
    [question] = await town.say(said, JOHN)
    assert asked in question


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("AB1020300, 25/12/1990", ABOUT),
        ("AB1020300 and I was born on 25/12/1990", ABOUT),
        ("AB 1020300, thanks", BORN),
    ],
)
async def test_a_number_and_a_date(town: BotHarness, said: str, asked: str) -> None:
    for text in ("register", "Grace Hopper", "passport"):
        await town.say(text, JOHN)
    [question] = await town.say(said, JOHN)
    assert question.startswith(asked)


async def test_all_of_it_is_in_the_review(town: BotHarness) -> None:
    for text in ("registrarme", "Ana Gómez", "pasaporte, AB1020300"):
        await town.say(text, ANA)
    [review] = await town.say("25/12/1990, me gusta la cerámica y cocinar", ANA)
    for line in ("Pasaporte", "AB1020300", "25 de diciembre de 1990", "me gusta la cerámica y"):
        assert line in review


class Party(BaseModel):
    note: str
    guests: int


PARTY = Flow(
    name="party",
    version=1,
    form=Party,
    triggers=("party",),
    steps=(Ask("note"), Ask("guests"), Review()),
    finish=lambda party: [Say("party.done", party.model_dump())],
)
PARTY_TEXTS = """
[party.note]
ask = "What should we know?"
label = "Note"
invalid = "?"
[party.guests]
ask = "How many are you?"
label = "Guests"
invalid = "?"
[party]
done = "See you: {guests}."
"""


async def test_a_field_that_takes_any_text_gets_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_flow(monkeypatch, tmp_path, PARTY, PARTY_TEXTS)
    town = BotHarness(tmp_path)
    await town.start()
    await town.say("party", JOHN)
    assert await town.say("2 vegans, 3 children", JOHN) == ["How many are you?"]
    await town.stop()


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("26/12/1990", "*Birth date:* 26 December 1990"),
        ("26 December 1990", "*Birth date:* 26 December 1990"),
        ("XY998877", "*Document number:* XY998877"),
        ("my name is Ada Lovelace", "*Name:* Ada Lovelace"),
        ("Ada Lovelace", "What would you like to change?"),
        ("CE", "*Document:* Foreigner ID"),
    ],
)
async def test_a_value_where_asked_what_to_change(town: BotHarness, said: str, line: str) -> None:
    answers = ("Grace Hopper", "passport", "AB1020300", "25/12/1990", "I like music and boats")
    for text in ("register", *answers):
        await town.say(text, JOHN)
    await town.tap("consent.change", JOHN)
    [review] = await town.say(said, JOHN)
    assert line in review


@pytest.mark.parametrize("said", ["I like to sing in the rain at night", "it is all wrong", "??"])
async def test_what_fits_nothing_clearly_is_asked_about(town: BotHarness, said: str) -> None:
    answers = ("Grace Hopper", "passport", "AB1020300", "25/12/1990", "I like music and boats")
    for text in ("register", *answers):
        await town.say(text, JOHN)
    await town.tap("consent.change", JOHN)
    [again] = await town.say(said, JOHN)
    assert "What would you like to change?" in again

"""Several facts in one sentence without marks, as in a voice note."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import BaseModel, Field
from tests.fakes.bot import ANA, JOHN, BotHarness
from tests.fakes.fork import add_flow

from flow_engine import Ask, Flow, FullName, NextDays, Review, Say

BRAZIL = "5511987654321"


class Table(BaseModel):
    full_name: FullName
    day: str
    guests: Annotated[int, Field(ge=1, le=12)]


TABLE = Flow(
    name="table",
    version=1,
    form=Table,
    triggers=("table", "mesa"),
    steps=(Ask("full_name"), Ask("day", options_from=NextDays(7)), Ask("guests"), Review()),
    finish=lambda _: [Say("table.done")],
)
TEXTS = """
[table]
phrases = ["book a table", "(reservar|reserva|reserve) [una|uma] mesa", "table for"]
done = "Booked."
[table.full_name]
label = "Name"
ask = "Your name?"
invalid = "A name, please."
[table.day]
label = "Day"
ask = "Which day?"
invalid = "One of these."
[table.guests]
label = "Guests"
ask = "For how many people?"
invalid = "A number, please."
"""


@pytest.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[BotHarness]:
    add_flow(monkeypatch, tmp_path, TABLE, TEXTS)
    town = BotHarness(tmp_path)
    await town.start()
    yield town
    await town.stop()


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (JOHN, "hi im john smith and i want to book a table for friday at 8 for 4 people"),
        (JOHN, "hello my name is john smith can i book a table tomorrow for 4"),
        (JOHN, "this is John Smith, book a table for four people on saturday please"),
        (JOHN, "i want to book a table for 4 on friday at 8 pm my name is john smith"),
        (
            ANA,
            "hola soy john smith y quiero reservar mesa para el viernes a las 8 para 4 personas",
        ),
        (ANA, "buenas me llamo john smith quiero reservar mesa mañana somos 4"),
        (BRAZIL, "oi sou o john smith e queria reservar uma mesa para sexta às 20 para 4 pessoas"),
        (BRAZIL, "olá meu nome é john smith quero reservar mesa amanhã para 4 pessoas"),
    ],
)
async def test_what_is_told_at_the_start_is_not_asked(
    place: BotHarness, who: str, said: str
) -> None:
    [review] = await place.say(said, who)
    assert "*Name:* John Smith" in review
    assert "*Day:*" in review
    assert "*Guests:* 4" in review


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("i want to book a table for friday at 8", ["Your name?"]),
        ("i want to book a table im interested in the view", ["Your name?"]),
        ("i want to book a table my name is john smith", ["Which day?"]),
        ("im john smith i want to book a table for 4 or 5 people on friday", None),
    ],
)
async def test_the_rest_is_asked(place: BotHarness, said: str, asked: list[str] | None) -> None:
    assert await place.say(said, JOHN) == (asked or ["For how many people?"])


async def test_what_was_told_is_passed_later(place: BotHarness) -> None:
    assert await place.say("i want to book a table for friday at 8", JOHN) == ["Your name?"]
    assert await place.say("John Smith", JOHN) == ["For how many people?"]
    [review] = await place.say("we are 3", JOHN)
    assert "*Guests:* 3" in review
    await place.tap("review.change", JOHN)
    assert await place.say("the day", JOHN) == ["Which day?"]


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("hi im john smith i have a passport number AB1020300 born 25 december 1990", "Tell us"),
        ("my name is john smith and my passport is AB1020300", "When were you born?"),
        ("my name is john smith i was born on 25/12/1990", "Which identity document"),
        ("im interested in all of this because of my work", "What is your full name?"),
        ("Arjun Nair, dob 13/11/1995, passport Z1234567", "Tell us"),
        ("Arjun Nair, dob 5/11/1995, passport Z1234567", "When were you born?"),
        ("brandon miller and whats this for? is it free", "Which identity document"),
        ("its gemma hughes. do u take cash?", "Which identity document"),
        ("i just told you. brandon miller", "Which identity document"),
        ("john smith, passport ab123456, 25/12/1990", "Tell us"),
    ],
)
async def test_facts_in_an_answer(town: BotHarness, said: str, asked: str) -> None:
    await town.say("register", JOHN)
    [question] = await town.say(said, JOHN)
    assert asked in question


async def test_a_form_without_a_review_takes_only_what_it_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = (Ask("full_name"), Ask("day", options_from=NextDays(7)), Ask("guests"))
    flow = Flow(
        name="table", version=1, form=Table, triggers=("table",), steps=steps, finish=TABLE.finish
    )
    add_flow(monkeypatch, tmp_path, flow, TEXTS)
    town = BotHarness(tmp_path)
    await town.start()
    asked = await town.say("im john smith book a table for 4 people on friday", JOHN)
    await town.stop()
    assert asked == ["Your name?"]

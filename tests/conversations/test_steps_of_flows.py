"""Steps of flows in a running bot: reviews, several choices, files, places, calls."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel
from tests.fakes.bot import JOHN, BotHarness
from tests.fakes.fork import add_flow

from flow_engine import Ask, Call, Effect, Flow, NextDays, Photo, Place, Review, Say

ABOUT = "I bake bread and teach others how to do it."
ANSWERS = ("John Doe", "PASSPORT", "AB123456", "3 May 1990", ABOUT)


async def test_a_registration_needs_at_most_nine_bubbles(town: BotHarness) -> None:
    bubbles = await town.say("register", JOHN)
    for answer in (*ANSWERS, "yes"):
        bubbles += await town.say(answer, JOHN)
    assert len(bubbles) == 7
    assert bubbles[-2].splitlines()[2:7] == [
        "*Name:* John Doe",
        "*Document:* Passport",
        "*Document number:* AB123456",
        "*Birth date:* 3 May 1990",
        f"*About you:* {ABOUT}",
    ]


async def test_one_answer_is_changed_before_anything_is_stored(town: BotHarness) -> None:
    await town.say("register", JOHN)
    for answer in ANSWERS:
        await town.say(answer, JOHN)
    assert await town.tap("change", JOHN) == ["What would you like to change?"]
    assert (await town.user(JOHN)).full_name is None
    assert await town.tap("birth_date", JOHN) == ["When were you born? Write it as DD/MM/YYYY."]
    [review] = await town.say("4 May 1990", JOHN)
    assert "*Birth date:* 4 May 1990" in review
    assert await town.say("change", JOHN) == ["What would you like to change?"]
    assert await town.say("document number", JOHN) == ["What is its number?"]
    [review] = await town.say("XY999", JOHN)
    assert "*Document number:* XY999" in review
    assert (await town.tap("yes", JOHN))[0] == "You're registered. Welcome, John!"
    user = await town.user(JOHN)
    assert (user.id_number, str(user.birth_date)) == ("XY999", "1990-05-04")


async def test_a_review_longer_than_a_message_of_buttons_is_cut(town: BotHarness) -> None:
    await town.say("register", JOHN)
    name = " ".join(["Maximilian"] * 9)
    bubbles: list[str] = []
    for answer in (name, *ANSWERS[1:4], "I like long words. " * 50):
        bubbles = await town.say(answer, JOHN)
    assert "…" in bubbles[0]
    assert (await town.tap("yes", JOHN))[0].startswith("You're registered")


class Lunch(BaseModel):
    toppings: list[Literal["ham", "cheese", "olives"]]
    day: str
    photo: Photo | None = None
    place: Place | str
    price: Decimal


class Kitchen:
    """Own code that may be slow or broken."""

    def __init__(self) -> None:
        self.asked: list[Lunch] = []
        self.failures = 0
        #: set while nobody answers
        self.is_busy: asyncio.Event | None = None

    async def price(self, lunch: Lunch) -> Decimal:
        self.asked.append(lunch)
        if self.is_busy is not None:
            self.is_busy.set()
            await asyncio.Event().wait()
        if len(self.asked) <= self.failures:
            raise RuntimeError("no stove")
        return Decimal("12.50")


def finish(lunch: Lunch) -> list[Effect]:
    answers = lunch.model_dump(mode="json")
    return [Say("lunch.done", {"toppings": answers["toppings"], "price": answers["price"]})]


def lunch_of(kitchen: Kitchen) -> Flow[Any]:
    return Flow(
        name="lunch",
        version=1,
        form=Lunch,
        triggers=("lunch",),
        steps=(
            Ask("toppings"),
            Ask("day", options_from=NextDays(3, weekdays=(0, 1, 2, 3, 4)), shown_as="date"),
            Ask("photo"),
            Ask("place"),
            Call("price", handler=kitchen.price, says_wait=True, retries=1),
            Review(),
        ),
        finish=finish,
    )


TEXTS = """
[lunch]
done = "{toppings:title} for {price:money EUR}."
[lunch.toppings]
label = "Toppings"
ask = "Which toppings?"
invalid = "One of these."
[lunch.toppings.options.ham]
title = "Ham"
[lunch.toppings.options.cheese]
title = "Cheese"
[lunch.toppings.options.olives]
title = "Olives"
[lunch.day]
label = "Day"
ask = "When do you want {toppings:title}?"
invalid = "One of the days."
[lunch.photo]
label = "Photo"
ask = "A photo of your table?"
[lunch.place]
label = "Place"
ask = "Where are you?"
invalid = "A place or an address."
[lunch.price]
wait = "I am asking the kitchen…"
failed = "The kitchen does not answer."
"""
PICTURE = {"type": "image", "image": {"id": "1", "mime_type": "image/jpeg", "caption": "Table"}}
PLACE = {"latitude": 4.6, "longitude": -74.1, "name": "Harbour"}


@pytest.fixture
def kitchen() -> Kitchen:
    return Kitchen()


@pytest.fixture
async def eatery(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kitchen: Kitchen
) -> AsyncIterator[BotHarness]:
    add_flow(monkeypatch, tmp_path, lunch_of(kitchen), TEXTS)
    town = BotHarness(tmp_path)
    await town.start()
    yield town
    await town.stop()


async def order(town: BotHarness, who: str = JOHN) -> None:
    """Answer all questions before the call."""
    await town.say("lunch", who)
    await town.say("ham and olives", who)
    await town.say("1", who)
    await town.send(PICTURE, who)


async def test_choices_days_files_and_places(eatery: BotHarness, kitchen: Kitchen) -> None:
    assert await eatery.say("lunch", JOHN) == ["Which toppings?"]
    assert await eatery.tap("ham", JOHN) == [
        "So far: Ham. Anything else? Tap *Done* when that is all."
    ]
    assert [one["title"] for one in eatery.choices(JOHN)[-3:]] == ["Done", "Cheese", "Olives"]
    await eatery.tap("olives", JOHN)
    assert await eatery.tap("done", JOHN) == ["When do you want Ham and Olives?"]
    days = [one["id"] for one in eatery.choices(JOHN)[-3:]]
    assert await eatery.say(days[1].rpartition(".")[2], JOHN) == ["A photo of your table?"]
    [refused] = await eatery.say("no photo", JOHN)
    assert refused.startswith("Please send a photo here.\n\nA photo of your table?")
    voice = {"type": "audio", "audio": {"id": "2", "mime_type": "audio/ogg"}}
    assert (await eatery.send(voice, JOHN))[0].startswith("Please send a photo here.")
    assert await eatery.send(PICTURE, JOHN) == ["Where are you?"]
    [asked_for] = [one for one in eatery.entries(JOHN) if one["type"] == "interactive"]
    assert asked_for["interactive"]["type"] == "location_request_message"
    wait, review = await eatery.send({"type": "location", "location": PLACE}, JOHN)
    assert wait == "I am asking the kitchen…"
    assert "*Toppings:* Ham and Olives" in review
    assert "*Photo:* Table" in review
    assert "*Place:* Harbour" in review
    [asked] = kitchen.asked
    assert isinstance(asked.place, Place)
    assert (await eatery.tap("right", JOHN))[0] == "Ham and Olives for €12.50."


async def test_a_call_is_tried_again_and_then_given_up(
    eatery: BotHarness, kitchen: Kitchen
) -> None:
    kitchen.failures = 1
    await order(eatery)
    await eatery.say("26 Quay", JOHN)
    assert "*Place:* 26 Quay" in (await eatery.wait(5, JOHN))[0]
    assert len(kitchen.asked) == 2
    await eatery.say("cancel", JOHN)
    kitchen.failures = 99
    await order(eatery)
    await eatery.say("26 Quay", JOHN)
    assert (await eatery.wait(5, JOHN))[0] == "The kitchen does not answer."


async def test_what_is_written_during_a_call_is_kept_in_order(
    eatery: BotHarness, kitchen: Kitchen
) -> None:
    del eatery.workers["calls"]
    await order(eatery)
    assert await eatery.say("26 Quay", JOHN) == ["I am asking the kitchen…"]
    assert await eatery.say("change", JOHN) == []
    assert await eatery.say("place", JOHN) == []
    assert await eatery.say("27 Quay", JOHN) == []
    await eatery.restart()
    heard = await eatery.wait(1, JOHN)
    assert [one.partition("\n")[0] for one in heard] == [
        "*Toppings:* Ham and Olives",
        "What would you like to change?",
        "Where are you?",
        "I am asking the kitchen…",
        "*Toppings:* Ham and Olives",
    ]
    assert "27 Quay" in heard[-1]


async def test_a_call_may_be_left(eatery: BotHarness) -> None:
    del eatery.workers["calls"]
    await order(eatery)
    await eatery.say("26 Quay", JOHN)
    assert (await eatery.say("cancel", JOHN))[0].startswith("Cancelled")
    await eatery.restart()
    assert await eatery.wait(1, JOHN) == []


async def test_a_call_goes_on_after_the_process_was_killed_in_the_middle_of_it(
    eatery: BotHarness, kitchen: Kitchen
) -> None:
    """The process ends while the code of a fork runs: nothing of it is committed."""
    kitchen.is_busy = asyncio.Event()
    calls = eatery.workers.pop("calls")
    await order(eatery)
    await eatery.say("26 Quay", JOHN)
    calling = asyncio.create_task(calls.run_until_idle())
    await kitchen.is_busy.wait()
    assert await eatery.say("change", JOHN) == []
    calling.cancel()
    await asyncio.gather(calling, return_exceptions=True)
    kitchen.is_busy = None
    await eatery.restart()
    assert await eatery.wait(0, JOHN) == []  # the lease of the killed process holds it
    review, change = await eatery.wait(120, JOHN)
    assert "*Place:* 26 Quay" in review
    assert change == "What would you like to change?"
    assert len(kitchen.asked) == 2

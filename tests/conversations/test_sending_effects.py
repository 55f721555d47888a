"""What flows send besides texts and questions, and what they do later."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from tests.fakes.bot import JOHN, BotHarness
from tests.fakes.fork import add_flow

from app.checks.definitions import DefinitionError
from app.composition.conversations import load_conversations
from flow_engine import (
    Ask,
    Effect,
    Flow,
    NotifyOperators,
    React,
    RequestLocation,
    Say,
    Schedule,
    SendAudio,
    SendCatalogue,
    SendImage,
    SendLink,
    SendProduct,
    SendProducts,
    SendSticker,
    SendTemplate,
    SendVideo,
    StartFlow,
    Unschedule,
)

HOUR = 3600


class Shop(BaseModel):
    order: str


def flow_of(effects: Sequence[Effect], name: str = "shop") -> Flow[Any]:
    return Flow(
        name=name,
        version=1,
        form=Shop,
        triggers=(name,),
        steps=(Ask("order"),),
        finish=lambda form: [*effects, *_named(form)],
    )


def _named(form: Shop) -> list[Effect]:
    return [Say("shop.done", {"order": form.order})]


TEXTS = """
[shop]
done = "Order {order}."
reminder = "Tomorrow is the day, {first_name}!"
told = "{order} was ordered."
where = "Where are you?"
[shop.order]
ask = "Which order?"
invalid = "A number."
[shop.picture]
link = "https://example.com/a.jpg"
caption = "Order {order}"
[shop.clip]
link = "https://example.com/a.mp4"
[shop.jingle]
link = "https://example.com/a.mp3"
[shop.smile]
link = "https://example.com/a.webp"
[shop.pay]
body = "Please pay {price:money EUR}."
label = "Pay now"
url = "https://pay.example.com/{order}"
[shop.shoe]
catalog_id = "1"
product_id = "SHOE"
body = "This one?"
[shop.shoes]
catalog_id = "1"
header = "Shoes"
body = "Our shoes"
title = "All"
products = ["SHOE", "BOOT"]
[shop.all]
body = "See everything"
"""
NAMED = {"order": "A1", "price": "12.5"}
SENT: list[Effect] = [
    React("👍"),
    SendImage("shop.picture", NAMED),
    SendLink("shop.pay", NAMED),
    SendProduct("shop.shoe"),
    SendProducts("shop.shoes"),
    SendCatalogue("shop.all"),
    RequestLocation("shop.where"),
    SendVideo("shop.clip"),
    SendAudio("shop.jingle"),
    SendSticker("shop.smile"),
    SendTemplate("hello_world", language="en_US"),
    NotifyOperators("shop.told", NAMED),
]


@pytest.fixture
async def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[BotHarness]:
    later: list[Effect] = [Schedule("reminder", timedelta(hours=20), Say("shop.reminder"))]
    template = SendTemplate("hello_world", language="en_US")
    outside: list[Effect] = [
        Schedule("reminder", timedelta(days=2), Say("shop.reminder"), template)
    ]
    flows: dict[str, Sequence[Effect]] = {
        "shop": SENT,
        "later": later,
        "outside": outside,
        "too_late": [Schedule("reminder", timedelta(days=2), Say("shop.reminder"))],
        "never": [Unschedule("reminder"), Unschedule("again")],
        "again": [Schedule("again", timedelta(hours=1), StartFlow("registration"))],
    }
    for name, effects in flows.items():
        add_flow(monkeypatch, tmp_path, flow_of(effects, name), _texts(flows))
    town = BotHarness(tmp_path, reminder_seconds=HOUR, flow_timeout_seconds=24 * HOUR)
    await town.start()
    yield town
    await town.stop()


def _texts(names: Any) -> str:
    asked = '[{}.order]\nask = "Which order?"\ninvalid = "A number."\n'
    return TEXTS + "".join(asked.format(name) for name in names if name != "shop")


async def order(town: BotHarness, trigger: str) -> list[str]:
    await town.say(trigger, JOHN)
    return await town.say("A1", JOHN)


async def test_a_flow_sends_everything_that_whatsapp_has(town: BotHarness) -> None:
    await order(town, "shop")
    sent = [entry for entry in town.entries(JOHN) if entry["type"] not in ("read", "refused")]
    kinds = [entry.get("interactive", entry).get("type") for entry in sent]
    assert kinds[:11] == [
        *("reaction", "image", "cta_url", "product", "product_list", "catalog_message"),
        *("location_request_message", "video", "audio", "sticker", "template"),
    ]
    assert sent[1]["image"]["caption"] == "Order A1"
    assert sent[2]["interactive"]["body"]["text"] == "Please pay €12.50."
    assert sent[2]["interactive"]["action"]["parameters"]["url"] == "https://pay.example.com/A1"
    assert not [entry for entry in town.entries(JOHN) if entry["type"] == "refused"]


async def test_a_message_is_sent_later_also_after_a_restart(town: BotHarness) -> None:
    await order(town, "later")
    assert await town.wait(19 * HOUR, JOHN) == []
    await town.restart()
    [reminder] = await town.wait(HOUR, JOHN)
    assert reminder.startswith("Tomorrow is the day")
    assert await town.wait(48 * HOUR, JOHN) == []


@pytest.mark.parametrize("ending", ["never", "STOP", "delete my data"])
async def test_what_is_scheduled_can_be_called_off(town: BotHarness, ending: str) -> None:
    await order(town, "later")
    await town.say(ending, JOHN)
    await town.say("A1" if ending == "never" else "yes", JOHN)
    assert [one for one in await town.wait(20 * HOUR, JOHN) if "Tomorrow" in one] == []


@pytest.mark.parametrize(("name", "hours"), [("outside", 48), ("again", 1)])
async def test_a_template_and_a_flow_can_be_called_off(
    town: BotHarness, name: str, hours: int
) -> None:
    await order(town, name)
    await order(town, "never")
    assert await town.wait(hours * HOUR + 60, JOHN) == []


async def test_outside_the_window_a_template_is_sent(town: BotHarness) -> None:
    await order(town, "outside")
    assert await town.wait(48 * HOUR, JOHN) == ["[template]"]
    await order(town, "too_late")
    assert await town.wait(48 * HOUR, JOHN) == []


async def test_a_flow_that_is_due_waits_for_the_open_form(town: BotHarness) -> None:
    await order(town, "again")
    await town.say("events", JOHN)
    assert "What is your full name?" not in (await town.wait(HOUR + 60, JOHN))[1:]
    await town.say("cancel", JOHN)
    assert await town.wait(HOUR, JOHN) == ["What is your full name?"]


@pytest.mark.parametrize(
    ("effect", "complaint"),
    [
        (SendImage("shop.pictures"), "shop.pictures is missing"),
        (SendImage("shop.picture"), r"shop.picture.caption names \{order\}, which nothing fills"),
        (SendLink("shop.shoe"), "shop.shoe.label is missing; a link needs it"),
        (React("yes"), "React needs one emoji, not 'yes'"),
        (SendTemplate("Hello World"), "SendTemplate: .*: 'Hello World'"),
        (Schedule("x", timedelta(1), React("👍")), "Schedule cannot do React later"),
        (Schedule("x", timedelta(1), Say("shop.remind")), "shop.remind is missing"),
        (Schedule("x", timedelta(1), StartFlow("shopp")), 'did you mean "shop"'),
    ],
)
def test_a_wrong_effect_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, effect: Effect, complaint: str
) -> None:
    add_flow(monkeypatch, tmp_path, flow_of([effect]), TEXTS)
    with pytest.raises(DefinitionError, match=complaint):
        load_conversations()


def test_what_whatsapp_would_refuse_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = TEXTS.replace("Pay now", "Pay for this order now")
    add_flow(monkeypatch, tmp_path, replace(flow_of([SendLink("shop.pay", NAMED)])), long)
    with pytest.raises(DefinitionError, match=r"shop\.pay\.label cannot be sent: the label of a"):
        load_conversations()

"""Several numbers of one business: who writes to one is answered from it, and is one person."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.bot import ANA, JOHN
from tests.fakes.web import NUMBER, sign
from tests.features.tenants.mall import Mall

from emulator.cloud_api.config import Config
from features.tenants.directory import remove_number
from features.tenants.tables import StoredNumber
from storage.engine.group_commit import Transaction

SECOND = "100000000000002"
ACCOUNT = Config(more_numbers={SECOND: "15550000002"})


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Mall]:
    """A bot whose account has two numbers, and which knows both."""
    shop = Mall(tmp_path, emulated=ACCOUNT)
    await shop.start()
    await add_number(shop, StoredNumber(SECOND, display="15550000002", label="Orders"))
    yield shop
    await shop.stop()


async def add_number(shop: Mall, number: StoredNumber) -> None:
    await shop.change(number)


async def write(shop: Mall, text: str, who: str = ANA) -> list[dict[str, Any]]:
    """Somebody writes to the second number; returns what the bot sent them."""
    shop._mark_seen(who)
    shop.account.say(shop.person(who), {"type": "text", "text": {"body": text}}, to=SECOND)
    await shop.settle()
    return shop.entries(who)


async def test_each_number_answers_what_was_written_to_it(shop: Mall) -> None:
    """Replies and read marks; the other number is silent."""
    sent = await write(shop, "hello")
    assert {one.get("phone_number_id") for one in sent} == {SECOND}
    assert {one["type"] for one in sent} == {"read", "interactive"}
    await shop.say("hello")
    assert {one.get("phone_number_id") for one in shop.entries()} == {None}


async def test_who_writes_to_two_numbers_has_two_conversations_and_one_profile(
    shop: Mall,
) -> None:
    """A form that is open in one chat does not swallow what is written in the other."""
    [asked] = await shop.say("registro")
    assert {one["type"] for one in await write(shop, "hola")} == {"read", "interactive"}
    assert await shop.say("Ana López Ruiz") != [asked]  # the form goes on
    await write(shop, "português")
    assert (await shop.user()).language == "pt"  # chosen in one chat, spoken in both


async def test_stop_holds_for_all_numbers_of_the_business(shop: Mall) -> None:
    await shop.say("hello")
    await write(shop, "STOP")
    assert (await shop.user()).opted_out_at is not None
    assert "START" in (await shop.say("hello"))[0]


async def test_a_reminder_leaves_from_the_number_of_its_form(shop: Mall) -> None:
    await write(shop, "register")
    shop._mark_seen(ANA)
    await shop.wait(61)
    assert [one.get("phone_number_id") for one in shop.entries()] == [SECOND]


async def test_each_number_has_the_whole_speed_limit(tmp_path: Path) -> None:
    """Meta counts each number for itself, and so does the bot."""
    fast = Config(more_numbers=ACCOUNT.more_numbers, messages_per_second=2)
    shop = Mall(tmp_path, emulated=fast)
    await shop.start()
    await add_number(shop, StoredNumber(SECOND))
    assert await shop.say("hello")
    assert await write(shop, "hello", JOHN)
    assert b'code="130429"' not in shop.state.metrics.exposition()
    await shop.stop()


async def test_numbers_of_ours_are_never_answered(shop: Mall) -> None:
    """Two numbers that answer each other would never end."""
    shop.account.say(shop.person("15550000002"), {"type": "text", "text": {"body": "hello"}})
    await shop.settle()
    assert shop.replies("15550000002") == []


async def test_a_removed_number_is_silent_and_what_waits_is_kept(shop: Mall) -> None:
    assert await write(shop, "hello")
    await shop.database.submit(Transaction(lambda c, _: remove_number(c, SECOND)))
    await shop.refresh()
    assert await write(shop, "hello") == []
    await add_number(shop, StoredNumber(SECOND))
    assert await write(shop, "hello")


async def test_a_process_that_does_not_know_a_number_yet_sends_nothing_from_another(
    shop: Mall,
) -> None:
    """The process that took the message knew it; the reply waits until this one does."""
    shop.account.say(shop.person(ANA), {"type": "text", "text": {"body": "hello"}}, to=SECOND)
    await shop.account.webhooks.idle()
    numbers = shop.bot.parts.cloud_api.numbers
    known = list(numbers)
    numbers.replace([])
    await shop.settle()
    assert shop.entries() == []
    numbers.replace(known)
    await shop.wait(60)
    assert {one.get("phone_number_id") for one in shop.entries()} == {SECOND}


async def test_a_message_of_each_number_in_one_body(shop: Mall) -> None:
    changes = [_change(NUMBER, "wamid.a", ANA), _change(SECOND, "wamid.b", JOHN)]
    body = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}
    raw = json.dumps(body).encode()
    for who in (ANA, JOHN):
        shop.account.say(shop.person(who), {"type": "reaction", "reaction": {}}, to=None)
        shop.account.say(shop.person(who), {"type": "reaction", "reaction": {}}, to=SECOND)
    await shop.settle()
    await shop.state.webhooks.receive(raw, sign(raw))
    await shop.settle()
    answered = {who: shop.entries(who)[-1].get("phone_number_id") for who in (ANA, JOHN)}
    assert answered == {ANA: None, JOHN: SECOND}


def _change(number: str, wamid: str, who: str) -> dict[str, Any]:
    message = {"id": wamid, "from": who, "timestamp": "1", "type": "text", "text": {"body": "hi"}}
    value = {"metadata": {"phone_number_id": number}, "messages": [message]}
    return {"field": "messages", "value": value}


@pytest.mark.needs("assistant")
async def test_typing_is_shown_by_the_number_that_was_written_to(shop: Mall) -> None:
    """Features act as the number of the job without knowing of numbers."""
    from services.sending.numbers import acting_as

    wamid = shop.account.say(shop.person(ANA), {"type": "text", "text": {"body": "hi"}}, to=SECOND)[
        "id"
    ]
    [assistant] = [one for one in shop.bot.parts.features if one.name == "assistant"]
    assert hasattr(assistant, "typing")
    with acting_as(SECOND):
        await assistant.typing._show(wamid)
    [typing] = [one for one in shop.person(ANA).entries if one["type"] == "typing"]
    assert typing["phone_number_id"] == SECOND

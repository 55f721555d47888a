"""Only the holder of a conversation speaks: the bot, an operator, the phone, or Meta's agent."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.bot import ANA, BotHarness
from tests.fakes.web import sign

from domain.conversation_status import ConversationStatus
from emulator.cloud_api.config import Config
from services.conversations.holders import OWNERS_PHONE

NUMBER = Config().phone_number_id
OURS = Config().display_phone_number
METADATA = {"display_phone_number": OURS, "phone_number_id": NUMBER}


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[BotHarness]:
    bot = BotHarness(tmp_path)
    await bot.start()
    yield bot
    await bot.stop()


async def post(town: BotHarness, field: str, value: dict[str, Any]) -> None:
    """Post a change that the emulator would not send in this moment, and let it be handled."""
    value = {"messaging_product": "whatsapp", "metadata": METADATA, **value}
    if field == "messaging_handovers":
        del value["metadata"]
    entry = {"id": "1", "changes": [{"field": field, "value": value}]}
    raw = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    await town.state.webhooks.receive(raw, sign(raw, Config().app_secret))
    await town.settle()


def echo(town: BotHarness, wamid: str = "e1", **more: Any) -> dict[str, Any]:
    text = {"type": "text", "text": {"body": "Maria here"}}
    at = str(int(town.clock.now))
    return {"from": OURS, "to": ANA, "id": wamid, "timestamp": at, **text, **more}


async def owner_writes(town: BotHarness, **more: Any) -> None:
    await post(town, "smb_message_echoes", {"message_echoes": [echo(town, **more)]})


def message(town: BotHarness, text: str, wamid: str = "s1") -> dict[str, Any]:
    person = {"from": ANA, "from_user_id": town.person(ANA).user_id}
    at = str(int(town.clock.now))
    return {**person, "id": wamid, "timestamp": at, "type": "text", "text": {"body": text}}


async def status(town: BotHarness) -> str | None:
    return (await town.user()).status


def reads(town: BotHarness) -> list[str]:
    return [one["message_id"] for one in town.person(ANA).entries if one["type"] == "read"]


async def test_the_bot_is_silent_while_the_owner_answers_from_the_phone(town: BotHarness) -> None:
    assert await town.say("hello") != []
    await owner_writes(town)
    user = await town.user()
    assert (user.status, user.held_by) == (ConversationStatus.PHONE, OWNERS_PHONE)
    before = reads(town)
    assert await town.say("ok thanks") == []
    assert reads(town) == before  # only who holds the conversation gives read marks
    assert await town.wait(8 * 3600 - 60) == []
    assert await town.say("hello?") == []
    await town.wait(61)
    assert await town.say("hello") != []
    assert await status(town) is None


async def test_a_reaction_of_the_owner_is_no_takeover(town: BotHarness) -> None:
    await town.say("hello")
    thumb = {"type": "reaction", "reaction": {"message_id": "m1", "emoji": "👍"}}
    await owner_writes(town, **thumb)
    assert await status(town) is None
    assert await town.say("hello") != []
    await owner_writes(town, id="e2")
    until = (await town.user()).bot_paused_until
    await town.wait(3600)
    await owner_writes(town, id="e3", **thumb)  # the pause is no longer for it
    assert (await town.user()).bot_paused_until == until


async def test_each_echo_prolongs_the_pause_and_an_old_one_does_not(town: BotHarness) -> None:
    await town.say("hello")
    await owner_writes(town)
    await town.wait(7 * 3600)
    await owner_writes(town, id="e2")
    await town.wait(7 * 3600)
    assert await town.say("hello") == []
    await town.wait(2 * 3600)
    long_ago = str(int(town.clock.now - timedelta(hours=9).total_seconds()))
    await owner_writes(town, id="e3", timestamp=long_ago)
    assert await town.say("hello") != []


async def test_timers_of_a_form_are_silent_too(town: BotHarness) -> None:
    await town.say("register")
    await owner_writes(town)
    assert await town.wait(300) == []


async def test_what_the_bot_sent_itself_is_no_takeover(town: BotHarness) -> None:
    await town.say("hello")
    sent = [one for one in town.person(ANA).entries if one["from"] == "bot" and "id" in one]
    await owner_writes(town, id=sent[-1]["id"])
    assert await status(town) is None
    assert await town.say("hello") != []


async def test_a_message_from_our_own_number_is_never_answered(town: BotHarness) -> None:
    own = {**message(town, "hello"), "from": OURS}
    await post(town, "messages", {"messages": [own]})
    assert town.person(OURS).entries == type(town.person(OURS).entries)()


@pytest.mark.parametrize("is_inside", [True, False])
async def test_standby_is_stored_and_never_answered(town: BotHarness, is_inside: bool) -> None:
    await town.say("hello")
    shown = town.person(ANA).count
    listened: dict[str, Any] = {"messages": [message(town, "hello")]}
    await post(town, "standby", {"standby": listened} if is_inside else listened)
    assert town.person(ANA).count == shown
    assert await status(town) == ConversationStatus.META_AGENT
    await post(town, "standby", {"messages": [message(town, "STOP", "s2")]})
    assert town.person(ANA).count == shown
    assert (await town.user()).opted_out_at is not None


async def test_the_agents_own_messages_are_no_takeover_by_the_phone(town: BotHarness) -> None:
    inner = {"to": ANA, "recipient": ANA, "type": "text", "text": {"body": "The agent here"}}
    sent = {"id": "a1", "timestamp": str(int(town.clock.now)), "message": inner}
    await post(town, "standby", {"standby": {"message_echoes": [sent]}})
    assert await status(town) == ConversationStatus.META_AGENT


async def test_a_message_that_meta_delivers_to_us_is_ours_again(town: BotHarness) -> None:
    await town.say("hello")
    await post(town, "standby", {"messages": [message(town, "hello")]})
    assert await town.say("hello") != []
    assert await status(town) is None


async def test_the_emulator_plays_the_owner_and_the_agent(town: BotHarness) -> None:
    person, threads = town.person(ANA), town.account.threads
    await town.say("hello")
    threads.owner_says(person, "Maria here")
    await town.settle()
    assert await town.say("ok") == []
    threads.hand_to_agent(person)
    await town.settle()
    assert await town.say("hello") == []
    threads.hand_to_bot(person)
    assert await town.wait(0) != []
    assert await town.say("hello") != []


def handover(kind: str, **told: str) -> dict[str, Any]:
    return {
        "recipient": {"display_phone_number": OURS, "phone_number_id": NUMBER},
        "sender": {"phone_number": ANA},
        "timestamp": "1790000000",
        "type": kind,
        kind: told,
    }


async def test_handovers_are_obeyed(town: BotHarness) -> None:
    await town.say("register")
    await post(town, "messaging_handovers", handover("control_taken", new_owner_role="ai_agent"))
    assert await status(town) == ConversationStatus.META_AGENT
    shown = town.person(ANA).count
    assert await town.wait(300) == []  # the form is left, silently
    assert town.person(ANA).count == shown
    passed = handover("control_passed", previous_owner_role="ai_agent", new_owner_role="escalation")
    await post(town, "messaging_handovers", passed)
    assert await status(town) is None
    assert town.replies(ANA) != []  # nobody else answers: the bot takes it up


async def test_a_handover_of_another_number_changes_nothing(town: BotHarness) -> None:
    await town.say("hello")
    taken = handover("control_taken", new_owner_role="ai_agent")
    taken["recipient"]["phone_number_id"] = "999999999999999"
    await post(town, "messaging_handovers", taken)
    assert await status(town) is None

"""An operator ticks *Call* in Airtable."""

from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.bot import ANA, BotHarness
from tests.fakes.operators import contact, record, sync

from emulator.airtable.testing import AirtableDouble


async def test_a_tick_where_calls_are_off(tmp_path: Path, airtable: AirtableDouble) -> None:
    town = BotHarness(tmp_path, airtable=airtable)
    await town.start()
    await town.say("hola")
    await sync(town)
    airtable.edit("Contacts", record(airtable), Call=True)
    await sync(town)
    row = contact(airtable)
    assert row["Call result"] == "Not called: calls are off (CALLS_ENABLED)."
    assert "Call" not in row, "the tick is taken away"
    await town.stop()


@pytest.mark.needs("calls", "outgoing_calls")
async def test_a_tick_asks_first_and_calls_once_it_is_allowed(
    tmp_path: Path, airtable: AirtableDouble
) -> None:
    town = BotHarness(tmp_path, airtable=airtable, calls_enabled=True)
    await town.start()
    calls: Any = next(one for one in town.bot.features if one.name == "calls")
    calls.use_engine(import_module("tests.features.calls.fake_engine").FakeEngine())
    await town.say("hi")
    await sync(town)
    airtable.edit("Contacts", record(airtable), Call=True)
    await sync(town)
    await sync(town)
    row = contact(airtable)
    assert "the bot calls, or asks first whether it may" in row["Call result"]
    assert "Call" not in row
    await town.settle()
    requests = [one for one in town.person(ANA).entries if one["type"] == "interactive"]
    assert requests[-1]["interactive"]["type"] == "call_permission_request"
    kind = "call_permission_reply"
    reply = {"response": "accept", "response_source": "user_action"}
    await town.send({"type": "interactive", "interactive": {"type": kind, kind: reply}})
    await town.settle()
    await calls.desk.drain(timedelta(0))
    await town.settle()
    await sync(town)
    assert "We called" in contact(airtable)["Call result"]
    airtable.edit("Contacts", record(airtable), Status="Blocked", Call=True)
    await sync(town)
    assert contact(airtable)["Call result"] == "Not called: this person is blocked."
    await town.stop()

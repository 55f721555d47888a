"""An operator has the bot call somebody."""

from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from tests.features.inbox.town import Town

pytestmark = pytest.mark.needs("calls", "outgoing_calls")


async def test_call_asks_first_and_calls_once_it_is_allowed(tmp_path: Path) -> None:
    town = Town(tmp_path, calls_enabled=True)
    await town.start()
    calls: Any = next(one for one in town.bot.features if one.name == "calls")
    calls.use_engine(import_module("tests.features.calls.fake_engine").FakeEngine())
    await town.sign_in()
    await town.say("hi")
    assert (await town.thread())["can_call"] is True
    assert (await town.act("call")).status_code == 204
    await town.settle()
    request = [one for one in town.entries() if one["type"] == "interactive"][-1]["interactive"]
    assert request["type"] == "call_permission_request"
    kind = "call_permission_reply"
    reply = {"response": "accept", "response_source": "user_action"}
    await town.send({"type": "interactive", "interactive": {"type": kind, kind: reply}})
    await town.settle()
    await calls.desk.drain(timedelta(0))
    await town.settle()
    said = [text for direction, text in await town.lines() if direction == "note"]
    assert any("We called" in str(text) for text in said)
    await town.stop()


async def test_no_button_where_calls_are_off(tmp_path: Path) -> None:
    town = Town(tmp_path)
    await town.start()
    await town.sign_in()
    await town.say("hi")
    assert (await town.thread())["can_call"] is False
    assert (await town.act("call")).status_code == 409
    await town.stop()

"""The inbox and the call are in two processes over PostgreSQL, and an operator takes the call."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

pytest.importorskip("aiortc", reason="needs the extra calls: aiortc")

from tests.fakes.dev_server import ANA
from tests.features.calls.called_server import CALLS, CalledServer
from tests.features.calls.engine.phone import PythonPhone, tone, until

from app.development.plan import EMULATED_INBOX

pytestmark = [pytest.mark.needs("calls", "inbox"), pytest.mark.timeout(300)]
[TOKEN] = EMULATED_INBOX.values()
#: Tones that the caller and the operator speak with, in Hz.
CALLER, OPERATOR = 440.0, 880.0
SPEECH_SECONDS = 20


@pytest.fixture
def server(tmp_path: Path, migrated_postgres_url: str) -> Iterator[CalledServer]:
    server = CalledServer(tmp_path, migrated_postgres_url)
    yield server
    server.close()


@pytest.fixture
async def inbox(server: CalledServer) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of an operator, at the process with the web."""
    url, headers = f"http://127.0.0.1:{server.bot_port}/inbox/api/", {"X-Inbox": "1"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
        assert (await client.post("session", json={"token": TOKEN})).status_code == 204
        yield client


async def test_an_operator_takes_a_call_that_another_process_has(
    server: CalledServer, inbox: httpx.AsyncClient
) -> None:
    caller, operator = PythonPhone(), PythonPhone()
    call = await dial(server, caller)
    [shown] = await shown_calls(inbox)
    await operator.dial()
    body = {"leg": "leg-of-the-page", "sdp": operator.offer}
    taken = await inbox.post("calls/take", params={"call": shown["call"]}, json=body)
    assert taken.status_code == 200, taken.text
    await operator.connect(taken.json()["sdp"], as_browser=True)
    caller.talk(tone(CALLER, SPEECH_SECONDS))
    operator.talk(tone(OPERATOR, SPEECH_SECONDS))
    await until(lambda: caller.hears(OPERATOR, (CALLER,)), seconds=15)
    await until(lambda: operator.hears(CALLER, (OPERATOR,)), seconds=15)
    [shown] = await shown_calls(inbox)
    assert (shown["operator"], shown["is_mine"]) == ("Owner", True)

    leg, wish = {"leg": "leg-of-the-page"}, {"wish": "hang_up"}
    assert (await inbox.post("calls/end", params=leg, json=wish)).status_code == 204
    await asyncio.to_thread(server.wait_until, lambda: server.call(call)["state"] == "ended")
    assert await shown_calls(inbox) == []
    for phone in (caller, operator):
        await phone.hang_up()


async def dial(server: CalledServer, phone: PythonPhone) -> str:
    """Call the bot. Return Meta's id of the call once the phone hears it."""
    await phone.dial()
    offer = {"from": ANA, "sdp": phone.offer}
    call = str((await asyncio.to_thread(server.ask, CALLS, **offer))["id"])
    await asyncio.to_thread(server.wait_until, lambda: "sdp" in server.call(call))
    await phone.connect(server.call(call)["sdp"], as_browser=True)
    phone.talk()
    await until(lambda: phone.first_sound() is not None, seconds=60)
    return call


async def shown_calls(inbox: httpx.AsyncClient) -> list[dict[str, Any]]:
    """Return the calls that the inbox shows."""
    found: list[dict[str, Any]] = (await inbox.get("calls")).json()["calls"]
    return found

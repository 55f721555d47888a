"""Calls without the bot: the names of the original client, against the emulated Graph API."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from loguru import logger
from tests.fakes.clock import ManualClock
from tests.features.calls.fake_engine import FakeEngine

from emulator.cloud_api.state.voice_call import CallState, VoiceCall
from emulator.cloud_api.testing import ANA, CloudApiDouble
from features.calls import calling
from features.calls.client import CallConnection, CallInfo, InvalidSignature, WhatsAppClient
from features.calls.protocol import Configure, Connected, Digit
from features.calls.states import End

BEN = "573007654321"
JOHN = "15551234567"
SECRET = "an app secret"


class ClientEngine(FakeEngine):
    """An engine without audio, which the client starts."""

    def __init__(self, settings: Configure) -> None:
        super().__init__()
        self.settings = settings
        self.is_running = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self.is_running = True
        try:
            yield
        finally:
            self.is_running = False

    async def until_ready(self) -> None:
        await asyncio.sleep(0)

    def configure(self, settings: Configure) -> None:
        self.settings = settings


class Office:
    """A program with a client, and the emulated Meta that calls it."""

    def __init__(self, meta: CloudApiDouble, **more: Any) -> None:
        self.meta = meta
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        self.answered: list[tuple[CallConnection, CallInfo]] = []
        meta.http.event_hooks["request"].append(self._note)
        self.clock = ManualClock()
        self.clock.now = meta.clock.now
        self.client = WhatsAppClient(
            meta.config.access_token,
            meta.config.phone_number_id,
            meta.http,
            graph_url="http://meta",
            make_engine=self._make_engine,
            clock=self.clock,
            sleep=self._sleep,
            **more,
        )

    def _make_engine(self, settings: Configure) -> ClientEngine:
        self.engine = ClientEngine(settings)
        return self.engine

    async def _note(self, request: httpx.Request) -> None:
        told = json.loads(request.content) if request.content else {}
        self.asked.append((request.url.path, request.headers["Authorization"], told))

    async def _sleep(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))

    async def on_call(self, connection: CallConnection, call: CallInfo) -> None:
        self.answered.append((connection, call))

    @property
    def actions(self) -> list[tuple[str, str]]:
        """What was asked of Meta: the action, and the call."""
        return [(told["action"], told["call_id"]) for _, _, told in self.asked]

    async def ring(self, who: str = ANA) -> VoiceCall:
        """Somebody calls; the webhook waits in `webhooks`."""
        call: VoiceCall = self.meta.account.calls.ring(self.meta.open_window(who))
        await self.meta.account.webhooks.idle()
        return call

    async def hang_up(self, who: str = ANA) -> None:
        self.meta.account.calls.hang_up(self.meta.account.people.get(who))
        await self.meta.account.webhooks.idle()

    def take(self) -> list[dict[str, Any]]:
        """Return the values of the webhooks that have come."""
        values, self.meta.webhooks[:] = list(self.meta.webhooks), []
        return values

    async def deliver(self, *values: dict[str, Any], callback: Any = None) -> bool:
        """Hand webhooks over in one delivery, and let all that follows happen."""
        given = callback or self.on_call
        handled = await self.client.handle_webhook_request(delivery(*values), given)
        await self.pause()
        return handled

    async def pause(self) -> None:
        for _ in range(300):
            await asyncio.sleep(0)

    async def answer(self, who: str = ANA) -> VoiceCall:
        """Somebody calls, and is answered."""
        call = await self.ring(who)
        assert await self.deliver(*self.take())
        return call


def delivery(*values: dict[str, Any], field: str = "calls") -> dict[str, Any]:
    changes = [{"field": field, "value": one} for one in values]
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}


def signed(body: bytes, secret: str = SECRET) -> str:
    return f"sha256={hmac.digest(secret.encode(), body, hashlib.sha256).hex()}"


@pytest.fixture
async def meta() -> AsyncIterator[CloudApiDouble]:
    double = CloudApiDouble()
    yield double
    await double.close()


@pytest.fixture
async def office(meta: CloudApiDouble) -> AsyncIterator[Office]:
    office = Office(meta)
    yield office
    await office.client.close()


@contextmanager
def logged() -> Iterator[Callable[[], str]]:
    """Return what is logged."""
    lines: list[str] = []
    sink = logger.add(lines.append, level="DEBUG")
    yield lambda: "".join(lines)
    logger.remove(sink)


async def test_d1_a_client_answers_with_the_names_and_the_order_of_the_original(
    meta: CloudApiDouble,
) -> None:
    stun = SimpleNamespace(urls=["stun:a.example", "stun:b.example"])
    office = Office(meta, ice_servers=[stun, "stun:c.example"], whatsapp_secret=None)
    assert office.engine.settings.ice_servers == (*stun.urls, "stun:c.example")
    assert Office(meta).engine.settings.ice_servers == (), "Meta's calls need none"
    assert not office.engine.is_running, "it starts with the first call"
    async with office.client:
        call = await office.answer()
        assert office.engine.is_running
        assert office.actions == [("pre_accept", call.id), ("accept", call.id)]
        assert call.state is CallState.TALKING
    assert not office.engine.is_running
    turn = SimpleNamespace(urls="turn:a.example", username="ana", credential="secret")
    with pytest.raises(ValueError, match="password") as raised:
        Office(meta, ice_servers=[turn])
    assert "secret" not in str(raised.value)
    with pytest.raises(ValueError, match="empty"):
        Office(meta, whatsapp_secret=" ")


async def test_d2_what_is_updated_holds_for_later_calls(office: Office) -> None:
    first = await office.answer()
    office.client.update_ice_servers(["stun:new.example"])
    assert [*office.engine.settings.ice_servers] == ["stun:new.example"]
    office.client.update_ice_servers()
    assert not office.engine.settings.ice_servers
    office.client.update_whatsapp_token("renewed")
    await office.answered[0][0].disconnect()
    await office.pause()
    _, authorization, told = office.asked[-1]
    assert told["action"] == "terminate"
    assert told["call_id"] == first.id
    assert authorization == "Bearer renewed"
    office.client.update_whatsapp_secret(SECRET)
    with pytest.raises(InvalidSignature):
        await office.client.handle_webhook_request(delivery({}))
    office.client.update_whatsapp_secret()
    assert not await office.client.handle_webhook_request(delivery({}))


async def test_d_d9_another_number_is_used_for_later_calls_and_not_for_those_that_go_on(
    office: Office,
) -> None:
    own = office.meta.config.phone_number_id
    await office.answer()
    office.client.update_whatsapp_phone_number_id("200")
    call = await office.ring(BEN)
    [value] = office.take()
    assert not await office.deliver(value), "it is of the former number"
    value["metadata"]["phone_number_id"] = "200"
    assert await office.deliver(value)
    assert (office.asked[-2][0], office.asked[-2][2]["call_id"]) == ("/v25.0/200/calls", call.id)
    await office.answered[0][0].disconnect()
    await office.pause()
    assert office.asked[-1][0] == f"/v25.0/{own}/calls", "it ends where it began"


async def test_d3_d_d10_a_challenge_is_returned_as_meta_wrote_it(office: Office) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": "ä token", "hub.challenge": "0007"}
    verify = office.client.handle_verify_webhook_request
    for challenge in ("0007", "abc", "1158201444"):
        assert await verify(asked | {"hub.challenge": challenge}, "ä token") == challenge
    for wrong, why in (
        ({"hub.mode": ""}, "missing"),
        ({"hub.challenge": ""}, "missing"),
        ({"hub.verify_token": ""}, "missing"),
        ({"hub.mode": "unsubscribe"}, "mode"),
        ({"hub.verify_token": "guessed"}, "expected"),
        ({"hub.verify_token": "\ud800"}, "expected"),
    ):
        with pytest.raises(ValueError, match=why) as raised:
            await verify(asked | wrong, "ä token")
        assert "ä token" not in str(raised.value)
        assert "guessed" not in str(raised.value)
    with pytest.raises(ValueError, match="expected"):
        await verify(asked, "")


async def test_d11_a_callback_gets_connection_and_call_or_the_connection_alone(
    office: Office,
) -> None:
    await office.answer()
    [(connection, call)] = office.answered
    assert (call.number, call.direction) == (ANA, "USER_INITIATED")
    assert call.at.timestamp() == int(office.meta.clock.now)
    assert connection.call is call
    assert ANA not in repr(call)
    alone: list[CallConnection] = []

    async def on_connection(connection: CallConnection) -> None:
        alone.append(connection)

    await office.ring(BEN)
    await office.deliver(*office.take(), callback=on_connection)
    assert [one.call.number for one in alone] == [BEN]
    assert list(office.client.ongoing_calls.values()) == [connection, *alone]


async def test_d_d7_a_webhook_waits_for_nobody_and_a_silent_or_unwilling_meta_ends_a_call(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "ANSWER_WITHIN_SECONDS", 0.05)
    hooks, call = office.meta.http.event_hooks["request"], await office.ring()

    async def hold(request: httpx.Request) -> None:
        await asyncio.Event().wait()

    hooks.append(hold)
    assert await office.client.handle_webhook_request(delivery(*office.take()), office.on_call)
    assert office.asked == [], "Meta has its 200 before anything is asked"
    await office.client.settled()
    attempts = ["pre_accept", "pre_accept", "reject", "reject"]
    assert office.actions == [(action, call.id) for action in attempts]
    hooks.remove(hold)
    refused = await office.ring(BEN)
    del office.meta.account.calls._open[refused.id]  # Meta answers with HTTP 400
    await office.deliver(*office.take())
    assert office.actions[len(attempts) :] == [("pre_accept", refused.id), ("reject", refused.id)]
    assert office.answered == []
    assert office.client.ongoing_calls == {}


async def test_d_d8_a_callback_that_fails_leaves_no_dead_air(office: Office) -> None:
    async def on_call(connection: CallConnection, call: CallInfo) -> None:
        raise RuntimeError("no model")

    call = await office.ring()
    with logged() as log:
        assert await office.deliver(*office.take(), callback=on_call)
    assert office.actions[-1] == ("terminate", call.id)
    assert "no model" in log()
    assert ANA not in log()


async def test_a_program_talks_and_hears_until_the_caller_hangs_up(office: Office) -> None:
    heard: list[Any] = []

    async def on_call(connection: CallConnection, call: CallInfo) -> None:
        await connection.say("Hello!")
        heard.extend([report async for report in connection])
        heard.append(connection.end)

    call = await office.ring()
    await office.deliver(*office.take(), callback=on_call)
    digit = Digit(call=call.id, digit="1")
    office.engine.tell(digit)
    await office.pause()
    await office.hang_up()
    assert await office.deliver(*office.take())
    await office.client.settled()
    assert office.engine.said(call.id) == ["Hello!"]
    assert heard == [digit, End.COMPLETED]
    assert office.actions[-1][0] == "accept", "Meta knows that the call is over"
    assert office.client.ongoing_calls == {}


async def test_d13_all_calls_end_at_the_same_time_and_errors_are_swallowed(office: Office) -> None:
    await office.client.terminate_all_calls()
    assert office.asked == []
    calls = [await office.answer(), await office.answer(BEN)]
    del office.meta.account.calls._open[calls[0].id]  # Meta does not know it any more
    await office.client.terminate_all_calls()
    assert office.actions[-2:] == [("terminate", one.id) for one in calls]
    assert all(office.engine.is_closed(one.id) for one in calls)
    assert office.client.ongoing_calls == {}
    assert [one.end for one, _ in office.answered] == [End.DRAINED, End.DRAINED]
    assert await office.answer(), "later calls are answered"


async def test_d21_the_signature_comes_first_and_events_in_their_order(office: Office) -> None:
    office.client.update_whatsapp_secret(SECRET)
    first, second = await office.ring(), await office.ring(BEN)
    body = json.dumps(delivery(*office.take())).encode()
    handle = office.client.handle_webhook_request
    with pytest.raises(InvalidSignature):
        await handle(json.loads(body), office.on_call, body, signed(b"other"))
    assert office.asked == []
    assert await handle(delivery(), office.on_call, body, signed(body)), "what was signed is read"
    await office.pause()
    accepted = [call for action, call in office.actions if action == "accept"]
    assert accepted == [first.id, second.id]


async def test_d_d1_each_event_of_a_delivery_is_handled(office: Office) -> None:
    gone = await office.answer()
    await office.hang_up()
    first, second = await office.ring(), await office.ring(BEN)
    ended, one, other = office.take()
    merged = {**ended, "calls": [*ended["calls"], *one["calls"]]}
    del merged["contacts"]
    assert await office.deliver(merged, other)
    assert office.answered[0][0].end is End.COMPLETED
    assert [call.id for _, call in office.answered] == [gone.id, first.id, second.id]
    assert len(office.client.ongoing_calls) == 2


async def test_d_d2_messages_statuses_and_odd_bodies_come_to_the_same_url(office: Office) -> None:
    handle = office.client.handle_webhook_request
    status = {"id": "wacid.A", "type": "call", "status": "RINGING", "recipient_id": ANA}
    error = {"code": 138021, "message": "…"}
    number = office.meta.config.phone_number_id
    metadata = {"metadata": {"phone_number_id": number}}
    message = {"from": ANA, "id": "wamid.A", "type": "text", "text": {"body": "hi"}}
    bodies: tuple[Any, ...] = (
        delivery({**metadata, "messages": [message]}, field="messages"),
        delivery({**metadata, "statuses": [status]}),
        delivery({**metadata, "errors": [error]}),
        delivery({**metadata, "calls": [{}, None, 7, {"id": "wacid.B", "event": "other"}]}),
        {},
        [],
        None,
        "nonsense",
        b"\xff",
        {"entry": [{"changes": [{"field": "calls", "value": {"calls": {"id": 1}}}]}]},
        {"entry": object()},
    )
    for odd in bodies:
        assert not await handle(odd, office.on_call)
    nested: list[Any] = []
    for _ in range(5_000):
        nested = [nested]
    assert not await handle({"entry": nested}, office.on_call)
    end = {"id": "wacid.C", "event": "terminate", "status": "FAILED", "errors": [error]}
    assert await handle(delivery({**metadata, "calls": [end]})), "of a person who is not named"
    assert office.asked == []


async def test_d_d3_signatures_are_exact_and_checked_before_anything_is_read(
    office: Office,
) -> None:
    office.client.update_whatsapp_secret(SECRET)
    handle = office.client.handle_webhook_request
    body = b"{ no JSON"
    right = signed(body)
    for wrong in (None, "", f"junk {right}", right[7:], f"{right}0", "sha256=é", "sha256=\ud800"):
        with pytest.raises(InvalidSignature) as raised:
            await handle(None, office.on_call, body, wrong)
        assert SECRET not in str(raised.value)
    with pytest.raises(InvalidSignature):
        await handle({}, office.on_call, None, right)
    assert not await handle(None, office.on_call, body, right), "Meta gets 200, and does not repeat"


async def test_d_d4_what_cannot_be_answered_is_turned_away_and_tells_no_token(
    office: Office,
) -> None:
    office.engine.answers = False
    with logged() as log:
        call = await office.answer()
        assert office.actions == [("reject", call.id)]
        assert call.state is CallState.ENDED
        office.engine.answers = True
        office.client.update_whatsapp_token("a token of another app")
        await office.ring(BEN)
        assert await office.deliver(*office.take()), "Meta does not deliver it again"
    assert office.answered == []
    assert "a token" not in log()
    assert office.meta.config.access_token not in log()


async def test_d_d5_a_redelivery_and_an_end_that_came_first_begin_no_call(office: Office) -> None:
    await office.ring()
    values = office.take()
    assert await office.deliver(*values, *values)
    assert await office.deliver(*values)
    assert len(office.answered) == 1
    await office.hang_up()
    await office.deliver(*office.take())
    assert await office.deliver(*values)
    await office.ring(BEN)
    await office.hang_up(BEN)
    connect, end = office.take()
    assert await office.deliver(end, connect)
    assert len(office.answered) == 1
    assert office.client.ongoing_calls == {}


async def test_d_d6_a_call_is_accepted_once_its_audio_is_connected(office: Office) -> None:
    office.engine.connects = False
    call = await office.answer()
    assert office.actions == [("pre_accept", call.id)]
    assert office.answered == []
    office.engine.tell(Connected(call=call.id))
    await office.pause()
    assert office.actions[-1] == ("accept", call.id)
    assert len(office.answered) == 1


async def test_d_d12_there_is_a_limit_for_calls_and_late_ones_are_left(
    meta: CloudApiDouble,
) -> None:
    office = Office(meta, max_calls=1)
    async with office.client:
        await office.answer()
        second = await office.answer(BEN)
        assert office.actions[-1] == ("reject", second.id)
        assert len(office.answered) == 1
        await office.answered[0][0].disconnect()
        await office.pause()
        await office.ring(BEN)
        values = office.take()
        office.clock.advance(timedelta(minutes=2))
        await office.deliver(*values)
        assert len(office.answered) == 1


async def test_d_d12_a_killed_program_ends_its_calls_at_the_next_start(
    meta: CloudApiDouble, tmp_path: Path
) -> None:
    file = tmp_path / "calls.json"
    killed = Office(meta, calls_file=file)
    over, talks = await killed.answer(JOHN), await killed.answer()
    await killed.hang_up(JOHN)
    await killed.deliver(*killed.take())
    killed.engine.connects = False
    rings = await killed.answer(BEN)
    assert json.loads(file.read_text()) == [talks.id, rings.id]
    left = tmp_path / "left.json"
    left.write_bytes(file.read_bytes())

    office = Office(meta, calls_file=str(left))
    async with office.client:
        await office.pause()
        assert talks.state is CallState.ENDED
        assert rings.state is CallState.ENDED
        assert over.id not in [call for _, call in office.actions]
        again = await office.answer()
        assert json.loads(left.read_text()) == [again.id]
    assert json.loads(left.read_text()) == []
    await killed.client.close()
    for odd in ("{ no JSON", '{"a": 1}', "[1]"):
        file.write_text(odd)
        async with Office(meta, calls_file=file).client:
            pass


async def test_d_d13_callers_who_hide_their_number_are_answered(office: Office) -> None:
    person = office.meta.open_window(ANA)
    person.hides_phone = True
    await office.answer()
    [(_, call)] = office.answered
    assert call.number is None
    assert call.user_id == person.user_id


async def test_a_session_of_aiohttp_sends_the_requests_and_stays_open() -> None:
    asked: list[tuple[str, str]] = []

    async def act(request: web.Request) -> web.Response:
        asked.append((request.headers["Authorization"], (await request.json())["action"]))
        return web.json_response({"success": True})

    app = web.Application()
    app.router.add_post("/v25.0/100/calls", act)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        url = str(server.make_url("/")).rstrip("/")
        async with WhatsAppClient(
            "a token", "100", session, graph_url=url, make_engine=ClientEngine
        ) as client:
            offer = {"id": "wacid.A", "event": "connect", "from": ANA}
            assert await client.handle_webhook_request(delivery({"calls": [offer]}))
            await client.settled()
        assert not session.closed
    assert asked == [("Bearer a token", "reject")], "it has no SDP"


async def test_the_program_of_the_documentation_works(monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[3] / "docs/calls.md").read_text(encoding="utf-8")
    program = page.split("## Calls in a program of your own")[1].split("```python\n")[1]
    for name in ("TOKEN", "PHONE_NUMBER_ID", "WEBHOOK_VERIFICATION_TOKEN"):
        monkeypatch.setenv(f"WHATSAPP_{name}", "100")
    monkeypatch.setenv("WHATSAPP_APP_SECRET", SECRET)
    module: dict[str, Any] = {}
    exec(program.split("```")[0], module)
    app, body = module["app"], b"{}"
    query = {"hub.mode": "subscribe", "hub.verify_token": "100", "hub.challenge": "0007"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as http,
    ):
        assert (await http.get("/whatsapp", params=query)).text == "0007"
        wrong = query | {"hub.verify_token": "7"}
        assert (await http.get("/whatsapp", params=wrong)).status_code == 403
        headers = {"X-Hub-Signature-256": signed(body)}
        assert (await http.post("/whatsapp", content=body, headers=headers)).status_code == 200
        assert (await http.post("/whatsapp", content=body)).status_code == 403

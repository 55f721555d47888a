"""Operators take calls over: who sees what, who is silent, and how it ends."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from tests.fakes.bot import ANA, JOHN
from tests.features.calls.fake_engine import FakeEngine
from tests.features.calls.phone import CallTown

from emulator.cloud_api.state.voice_call import VoiceCall
from features.calls.leg_frames import Join, Leave, LegAnswer, LegEnded, LegUp
from features.calls.protocol import Silent
from features.calls.states import End
from features.inbox import page_routes, routes
from features.operator_calls import routes as call_routes
from features.operator_calls.feature import OperatorCalls

pytestmark = pytest.mark.needs("calls", "inbox")
LEG, TOKEN = "leg-of-the-page", "the-token-of-the-owner"
APP = FastAPI()
for one in (page_routes.router, routes.router, call_routes.router):
    APP.include_router(one)


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so, which needs no more than a few turns of the loop."""
    for _ in range(2_000):
        if is_so():
            return
        await asyncio.sleep(0.005)
    raise TimeoutError


class Office(CallTown):
    """A bot whose calls operators take over, and the browser of its owner."""

    def __init__(self, folder: Path, engine: FakeEngine | None, **settings: Any) -> None:
        super().__init__(folder, engine, inbox_sign_in_token=TOKEN, **settings)
        self.cookies = httpx.Cookies()

    async def start(self) -> None:
        await super().start()
        assert (await self.ask("POST", "session", json={"token": TOKEN})).status_code == 204
        self._following = asyncio.create_task(self.of_operators.operators.follow())

    async def stop(self) -> None:
        self._following.cancel()
        await super().stop()

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Ask the inbox, as its pages do."""

        async def with_state(scope: Any, receive: Any, send: Any) -> None:
            await APP({**scope, "state": dict(self.state.by_name())}, receive, send)

        transport = httpx.ASGITransport(with_state)
        given: dict[str, Any] = {"base_url": "https://bot", "cookies": self.cookies}
        async with httpx.AsyncClient(transport=transport, **given) as client:
            headers = {"X-Inbox": "1"}
            answer = await client.request(method, f"/inbox/api/{path}", headers=headers, **more)
            self.cookies = client.cookies
        return answer

    async def notes(self) -> dict[str, str]:
        """The lines of Ana's conversation, and who wrote each."""
        key = (await self.user(ANA)).key
        answer = await self.ask("GET", "thread", params={"key": key})
        return {one["text"]: one["author"] for one in answer.json()["messages"]}

    @property
    def of_operators(self) -> OperatorCalls:
        return self.bot.parts.feature(OperatorCalls)

    async def shown(self) -> list[dict[str, Any]]:
        """The calls that the inbox shows."""
        answer = await self.ask("GET", "calls")
        assert answer.status_code == 200
        found: list[dict[str, Any]] = answer.json()["calls"]
        return found

    async def take(self, call: VoiceCall, leg: str = LEG) -> httpx.Response:
        """Take a call over; the engine answers the browser."""
        body = {"leg": leg, "sdp": "v=0 of the browser"}
        asking = asyncio.create_task(
            self.ask("POST", "calls/take", params={"call": call.id}, json=body)
        )
        orders = self.fake.orders
        await until(
            lambda: asking.done() or any(isinstance(o, Join) and o.leg == leg for o in orders)
        )
        if asking.done():
            return await asking
        self.fake.tell(LegAnswer(call=call.id, leg=leg, sdp="v=0 of the bot"))
        return await asking

    async def connect(self, call: VoiceCall, leg: str = LEG) -> None:
        """Take a call over; both hear each other."""
        answer = await self.take(call, leg)
        assert answer.json() == {"sdp": "v=0 of the bot"}
        self.fake.tell(LegUp(call=call.id, leg=leg))
        await self.pause()

    async def finish(self, wish: str, leg: str = LEG) -> int:
        body = {"wish": wish}
        answer = await self.ask("POST", "calls/end", params={"leg": leg}, json=body)
        return answer.status_code

    @property
    def fake(self) -> FakeEngine:
        assert self.engine is not None
        return self.engine

    async def leave(self, call: VoiceCall, leg: str = LEG) -> None:
        """The browser of the operator has gone."""
        self.fake.tell(LegEnded(call=call.id, leg=leg, was_up=True))
        await self.settle()

    def said_last(self, call: VoiceCall) -> str:
        return self.fake.said(call.id)[-1]

    async def until_said(self, call: VoiceCall, words: str) -> None:
        await until(lambda: any(words in one for one in self.fake.said(call.id)))


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    office = Office(tmp_path, FakeEngine())
    await office.start()
    await office.say("hi")
    yield office
    await office.stop()


async def test_the_inbox_shows_who_talks_and_for_how_long(office: Office) -> None:
    assert await office.shown() == []
    call = await office.call()
    [shown] = await office.shown()
    assert shown["call"] == call.id
    assert shown["key"] == (await office.user(ANA)).key
    assert shown["since"]
    assert (shown["operator"], shown["is_waiting"], shown["is_outgoing"]) == (None, False, False)
    await office.hang_up()
    assert await office.shown() == []


async def test_an_operator_takes_a_call_the_bot_is_silent_and_it_is_handed_back(
    office: Office,
) -> None:
    call = await office.call()
    await office.connect(call)
    assert office.said_last(call) == "You are now talking with our team."
    [shown] = await office.shown()
    assert (shown["operator"], shown["is_mine"]) == ("Owner", True)
    assert (await office.user(ANA)).held_by == "Owner", "the chat is theirs, too"
    said = len(office.fake.said(call.id))
    await office.press(call, "1")  # an operator talks: keys choose nothing
    assert len(office.fake.said(call.id)) == said
    finishing = asyncio.create_task(office.finish("hand_back"))
    await until(lambda: any(isinstance(one, Leave) for one in office.fake.orders))
    office.clock.advance(timedelta(seconds=41))
    assert not finishing.done(), "the browser stays until the call has obeyed"
    await office.leave(call)
    assert await finishing == 204
    assert "back with our automatic assistant" in " ".join(office.fake.said(call.id)[said:])
    assert (await office.user(ANA)).held_by is None
    assert office.is_open(call)
    assert (await office.notes())["📞 Talked on the phone for 41 s."] == "Owner"
    assert await office.press(call, "1"), "the menu is there again"


async def test_an_operator_hangs_up_and_goes_on_in_the_chat(office: Office) -> None:
    call = await office.call()
    await office.connect(call)
    assert await office.finish("hang_up") == 204
    await until(lambda: not office.is_open(call))
    await office.settle()
    assert (await office.row(call)).reason is End.COMPLETED
    assert (await office.user(ANA)).held_by == "Owner"


async def test_an_operator_whose_browser_is_gone_hands_the_call_back(office: Office) -> None:
    call = await office.call()
    await office.connect(call)
    await office.leave(call)
    assert office.is_open(call)
    assert "press star" in office.said_last(call)


async def test_a_colleague_is_told_who_talks(office: Office) -> None:
    call = await office.call()
    await office.connect(call)
    refused = await office.take(call, "leg-of-a-colleague")
    assert refused.status_code == 409
    assert refused.json() == {"message": "Owner talks in this call."}


async def test_a_call_that_is_over_cannot_be_taken(office: Office) -> None:
    call = await office.call()
    await office.hang_up()
    assert (await office.take(call)).json() == {"message": "This call is over."}


async def test_a_caller_hangs_up_while_an_operator_talks(office: Office) -> None:
    call = await office.call()
    await office.connect(call)
    await office.hang_up()
    assert (await office.row(call)).reason is End.COMPLETED
    assert await office.shown() == []
    assert await office.finish("hang_up") in (204, 409)


async def test_zero_asks_for_a_person_who_takes_the_call(office: Office) -> None:
    await office.shown()  # the inbox of an operator is open
    call = await office.call()
    await office.press(call, "0")
    await office.until_said(call, "Please stay on the line")
    assert [one["is_waiting"] for one in await office.shown()] == [True]
    office.fake.tell(Silent(call=call.id, seconds=8))
    await office.until_said(call, "still asking our team")
    await office.connect(call)
    assert office.said_last(call) == "You are now talking with our team."
    assert [one["is_waiting"] for one in await office.shown()] == [False]


async def test_nobody_takes_the_call_and_the_team_answers_in_the_chat(office: Office) -> None:
    office.of_operators.operators.patience = timedelta(0)
    await office.shown()
    call = await office.call()
    await office.press(call, "0")
    await office.until_said(call, "will answer you in the chat")
    await office.settle()
    assert (await office.row(call)).chosen == "human", "the team is asked once"
    assert not office.is_open(call)


async def test_where_no_inbox_is_open_nobody_waits(office: Office) -> None:
    await office.shown()
    office.clock.advance(timedelta(seconds=76))
    call = await office.call()
    await office.press(call, "0")
    assert not any("stay on the line" in one for one in office.fake.said(call.id))


async def test_a_caller_whose_chat_is_held_waits_for_the_operator(office: Office) -> None:
    assert await office.ask("POST", "take", params={"key": (await office.user(ANA)).key})
    await office.shown()
    call = await office.call()
    await office.until_said(call, "stay on the line")
    await office.connect(call)
    assert office.said_last(call) == "You are now talking with our team."
    await office.leave(call)
    await office.settle()
    assert not office.is_open(call)


async def test_somebody_calls_who_never_wrote(office: Office) -> None:
    call = await office.call(JOHN)
    [shown] = await office.shown()
    assert shown["name"]
    await office.connect(call)
    assert await office.finish("hang_up") == 204


async def test_the_record_goes_with_the_person(office: Office) -> None:
    call = await office.call()
    await office.connect(call)
    await office.leave(call)
    await office.hang_up()
    await office.say("delete my data")
    await office.say("yes")
    await office.settle()
    from sqlalchemy import select

    from features.operator_calls.tables import call_leg

    rows = await office.database.reader.run(lambda c, _: c.execute(select(call_leg)).all())
    assert rows == []


async def test_where_calls_are_off_the_page_knows_of_none(tmp_path: Path) -> None:
    office = Office(tmp_path, None)
    await office.start()
    assert (await office.ask("GET", "scripts")).json() == {"scripts": []}
    assert (await office.ask("GET", "calls")).json() == {"calls": [], "is_on": False}
    await office.stop()


async def test_only_operators_see_calls(office: Office) -> None:
    office.cookies = httpx.Cookies()
    assert (await office.ask("GET", "calls")).status_code == 401
    body = {"leg": LEG, "sdp": "v=0"}
    answer = await office.ask("POST", "calls/take", params={"call": "x"}, json=body)
    assert answer.status_code == 401

"""Calls to people: permission, dialling, and what becomes of it."""

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.fakes.bot import ANA, JOHN, BotHarness
from tests.features.calls.fake_engine import FakeEngine
from tests.features.calls.phone import CallTown
from tests.features.calls.test_calls_on import NoteTaker, voice_call_buttons
from tests.features.calls.test_two_processes import until

from emulator.cloud_api.state.voice_call import CallState as PhoneState
from emulator.cloud_api.state.voice_call import Outcome, VoiceCall
from emulator.cloud_api.testing import CALL_ANSWER, CALL_OFFER
from features.calls import past_calls
from features.calls.protocol import CallEnd, Digit, Ended
from features.calls.states import CallState, End
from features.calls.tables import CallRow
from features.outgoing_calls import reasons
from features.outgoing_calls.feature import REPEAT_AFTER, OutgoingCalls
from flow_engine import CallPerson
from jobs.retry import INTERACTIVE
from services.conversations.state import ConversationState
from services.conversations.turn import ConversationTurn

OFFER = {"session": {"sdp_type": "offer", "sdp": CALL_OFFER}}
OPENING = CallPerson()


class Town(CallTown):
    """A town whose bot calls people."""

    notes: NoteTaker

    async def start(self) -> None:
        await super().start()
        self.notes = NoteTaker()
        self.bot.parts.context.extensions.observers.append(self.notes)

    async def wish(self, who: str = ANA, effect: CallPerson = OPENING) -> None:
        """Have a flow call somebody."""
        self._mark_seen(who)
        turn = await self.turn(who)
        decided = await self.bot.parts.context.extensions.effects[CallPerson](turn, effect)
        await self.bot.parts.queue.enqueue(decided.jobs)
        await self.settle()
        await self.settle()

    async def turn(self, who: str = ANA) -> ConversationTurn:
        """Return what is known of somebody."""
        number, now = self.settings.wp_phone_id, self.bot.parts.clock()
        return ConversationTurn(await self.user(who), number, ConversationState(), "en", now)

    async def pass_time(self, time: timedelta) -> None:
        self.clock.advance(time)
        await self.settle()
        await self.settle()

    async def answer_request(self, response: str = "accept", who: str = ANA, **more: Any) -> None:
        kind = "call_permission_reply"
        reply = {"response": response, "response_source": "user_action", **more}
        await self.send({"type": "interactive", "interactive": {"type": kind, kind: reply}}, who)
        await self.settle()

    def requests(self, who: str = ANA) -> int:
        """Return how many requests for the permission somebody got in all."""
        sent = [one for one in self.person(who).entries if one["from"] == "bot"]
        shown = [one["interactive"] for one in sent if one["type"] == "interactive"]
        return sum(one["type"] == "call_permission_request" for one in shown)

    def ringing(self) -> VoiceCall:
        [call] = self.account.calls._open.values()
        return call

    async def join(self) -> VoiceCall:
        """The phone of the person rings."""
        call = self.ringing()
        self.account.calls.join(call, CALL_ANSWER)
        await self.settle()
        return call

    async def rows(self) -> Sequence[CallRow]:
        return await self.database.reader.run(lambda c, _: past_calls.newest(c, most=20))


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def town(tmp_path: Path, engine: FakeEngine) -> AsyncIterator[Town]:
    town = Town(tmp_path, engine)
    await town.start()
    await town.say("hi")
    town.account.calls.has_phones = True
    yield town
    await town.feature.desk.drain(timedelta(0))
    await town.stop()


def allow(town: Town, who: str = ANA) -> None:
    town.person(who).may_be_called_until = math.inf


async def test_who_has_not_allowed_it_is_asked_and_then_called(
    town: Town, engine: FakeEngine
) -> None:
    await town.wish()
    assert town.requests() == 1
    assert "May we call you" in town.replies(ANA)[-1]
    assert not town.account.calls._open
    await town.answer_request()
    call = await town.join()
    assert call.state is PhoneState.RINGING
    assert not any(engine.said(one) for one in engine.open_calls), "nobody has picked up"
    town.account.calls.answer(call)
    await town.settle()
    [own_id] = engine.open_calls
    assert "allowed us to call" in engine.said(own_id)[0]
    row = await town.row(call)
    assert (row.state, row.is_outgoing) == (CallState.TALKING, True)
    assert engine.is_accepted(own_id)
    await town.hang_up()
    assert (await town.row(call)).reason is End.COMPLETED
    assert not town.feature.desk.live


async def test_a_permission_for_good_asks_nobody_and_the_text_is_spoken(
    town: Town, engine: FakeEngine
) -> None:
    allow(town)
    await town.wish(effect=CallPerson("common.no_answer"))
    call = await town.join()
    town.account.calls.answer(call)
    await town.settle()
    assert town.requests() == 0
    [own_id] = engine.open_calls
    assert engine.said(own_id)[0]
    assert "allowed us" not in engine.said(own_id)[0]


async def test_a_call_waits_for_an_engine_that_is_busy(town: Town, engine: FakeEngine) -> None:
    allow(town)
    engine.is_up = False
    await town.wish()
    assert not town.account.calls._open
    engine.is_up = True
    await town.pass_time(timedelta(seconds=2))
    await town.join()


@pytest.mark.parametrize("is_asked", [False, True])
async def test_operators_read_that_an_engine_was_busy_for_too_long(
    town: Town, engine: FakeEngine, is_asked: bool
) -> None:
    if is_asked:
        await town.wish()
    else:
        allow(town)
    engine.is_up = False
    if is_asked:
        await town.answer_request()
    else:
        await town.wish()
    for _ in range(INTERACTIVE.tries):
        await town.pass_time(timedelta(minutes=2))
    assert town.notes.noted_texts[-1] == f"📞 Not called: {reasons.NOT_NOW}."
    assert not town.account.calls._open


async def test_a_call_of_less_than_a_second_was_answered(town: Town) -> None:
    allow(town)
    await town.wish()
    call = await town.join()
    town.account.calls.answer(call)
    await town.settle()
    await town.hang_up()
    await town.settle()
    assert town.notes.noted_texts[-1] == "📞 We called, and talked for 1 s."
    assert "tried to call" not in " ".join(town.replies(ANA))


async def test_keys_of_a_call_of_ours_work(town: Town, engine: FakeEngine) -> None:
    allow(town)
    await town.wish()
    call = await town.join()
    town.account.calls.answer(call)
    await town.settle()
    [own_id] = engine.open_calls
    engine.tell(Digit(call=own_id, digit="1"))
    await town.settle()
    assert (await town.row(call)).chosen


async def test_a_no_is_kept_and_nobody_is_called(town: Town) -> None:
    await town.wish()
    await town.answer_request("reject")
    assert not town.account.calls._open
    assert await town.rows() == []
    await town.wish()
    assert town.requests() == 1, "asked once a day"
    assert "once a day" in town.notes.noted_texts[-1]


async def test_requests_stay_within_the_limits_of_meta(town: Town) -> None:
    for _ in range(6):
        await town.say("hello")
        await town.wish()
        await town.pass_time(timedelta(hours=25))
    assert town.requests() == 2
    assert not [one for one in town.person(ANA).entries if one["type"] == "refused"]


async def test_a_temporary_permission_ends_by_itself(town: Town) -> None:
    await town.wish()
    await town.answer_request()
    await town.join()
    await town.hang_up()
    feature = town.bot.parts.feature(OutgoingCalls)
    assert "until" in (await feature.kept_about(await town.turn()))[0]
    await town.pass_time(timedelta(days=8))
    assert await feature.kept_about(await town.turn()) == ()
    await town.say("hello")
    await town.wish()
    assert town.requests() == 2
    assert not town.account.calls._open


async def test_a_call_of_a_person_allows_one_back(town: Town) -> None:
    town.account.number.settings["calling"]["callback_permission_status"] = "ENABLED"
    await town.call()
    await town.hang_up()
    await town.settle()
    await town.wish()
    assert town.requests() == 0
    assert not town.ringing().is_by_person


async def test_who_declines_is_not_called_again(town: Town) -> None:
    allow(town)
    await town.wish()
    call = await town.join()
    town.account.calls.leave(call)
    await town.settle()
    assert (await town.row(call)).reason is End.DECLINED
    assert "declined" in town.notes.noted_texts[-1]
    await town.pass_time(REPEAT_AFTER * 2)
    assert not town.account.calls._open


class Slow(httpx.AsyncBaseTransport):
    """A way to Meta on which people decline before the bot reads Meta's id of the call."""

    def __init__(self, town: Town) -> None:
        self._town, self._way = town, town.meta

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._way.handle_async_request(request)
        if request.url.path.endswith("/calls") and b'"connect"' in await request.aread():
            calls = self._town.account.calls
            call = self._town.ringing()
            calls.join(call, CALL_ANSWER)
            calls.leave(call)
            await BotHarness.settle(self._town)
        return response


async def test_who_declines_at_once_is_not_called_again(town: Town) -> None:
    await town.restart_with(Slow(town))
    allow(town)
    await town.wish()
    assert [one.reason for one in await town.rows()] == [End.DECLINED]
    assert "declined" in town.notes.noted_texts[-1]
    assert not voice_call_buttons(town, ANA)
    await town.pass_time(REPEAT_AFTER * 2)
    assert len(await town.rows()) == 1


async def test_who_declined_is_not_called_again_where_meta_tells_the_end_first(town: Town) -> None:
    allow(town)
    await town.wish()
    call = await town.join()
    town.account.calls._end(call, Outcome.DECLINED)
    await town.settle()
    town.account.calls._hooks.tell_status(call, "REJECTED")
    await town.settle()
    assert (await town.row(call)).reason is End.DECLINED
    await town.pass_time(REPEAT_AFTER * 2)
    assert len(await town.rows()) == 1


async def test_who_declined_is_not_called_again_where_the_audio_ends_first(
    town: Town, engine: FakeEngine
) -> None:
    allow(town)
    await town.wish()
    call = await town.join()
    engine.tell(Ended(call=engine.open_calls[0], end=CallEnd.CLOSED))
    await town.settle()
    town.account.calls.leave(call)
    await town.settle()
    assert (await town.row(call)).reason is End.DECLINED
    assert "declined" in town.notes.noted_texts[-1]


async def test_a_ringing_call_whose_audio_ends_without_a_word_of_meta_was_not_answered(
    town: Town, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("features.outgoing_calls.outgoing_call.META_SECONDS", 0)
    allow(town)
    await town.wish()
    call = await town.join()
    engine.tell(Ended(call=engine.open_calls[0], end=CallEnd.CLOSED))
    await town.feature.desk.calls.settled()
    await town.settle()
    assert (await town.row(call)).reason is End.NO_ANSWER
    assert not town.account.calls._open


async def test_who_takes_a_call_and_ends_it_at_once_has_answered(
    town: Town, engine: FakeEngine
) -> None:
    allow(town)
    await town.wish()
    call = await town.join()
    engine.tell(Ended(call=engine.open_calls[0], end=CallEnd.CLOSED))
    await town.settle()
    town.account.calls.answer(call)
    town.account.calls.leave(call)
    await town.settle()
    assert (await town.row(call)).reason is End.COMPLETED


async def test_who_does_not_answer_is_called_once_more(town: Town) -> None:
    allow(town)
    await town.wish()
    for attempt in range(2):
        call = await town.join()
        town.clock.advance(timedelta(seconds=61))
        town.account.calls.end_unanswered()
        await town.settle()
        assert (await town.row(call)).reason is End.NO_ANSWER
        assert "nobody answered" in town.notes.noted_texts[-1]
        await town.pass_time(REPEAT_AFTER)
        await town.settle()
        assert len(town.account.calls._open) == 1 - attempt
    assert voice_call_buttons(town, ANA) == ["Call us"], "said once an hour"
    await town.wish()
    assert not town.account.calls._open, "Meta takes the permission away after four"
    assert "were not answered" in town.notes.noted_texts[-1]
    await town.answer_request()
    await town.wish()
    assert town.ringing()


async def test_a_permission_that_meta_took_back(town: Town) -> None:
    allow(town)
    for _ in range(4):
        call = town.account.calls.connect(town.person(ANA), OFFER)["calls"][0]["id"]
        town.account.calls.leave(town.account.calls.find(call))
    await town.settle()
    assert town.person(ANA).may_be_called_until == 0
    await town.wish()
    assert town.requests() == 1


async def test_refusals_are_told_with_what_helps(town: Town) -> None:
    allow(town)
    town.account.number.settings["calling"]["status"] = "DISABLED"
    await town.wish()
    assert "calls settings --enable" in town.notes.noted_texts[-1]
    [row] = await town.rows()
    assert (row.reason, row.error) == (End.FAILED, 138000)


async def test_a_permission_that_ends_between_the_question_and_the_call(
    town: Town, engine: FakeEngine
) -> None:
    allow(town)
    send = engine.send

    async def revoke(order: Any) -> None:
        town.person(ANA).may_be_called_until = 0
        await send(order)

    engine.send = revoke  # type: ignore[method-assign]
    await town.wish()
    assert "does not allow calls" in town.notes.noted_texts[-1]
    assert not town.account.calls._open


async def test_outside_of_the_window_a_template_asks(tmp_path: Path, engine: FakeEngine) -> None:
    town = Town(tmp_path, engine, call_permission_template="may_we_call:en_US")
    await town.start()
    await town.say("hi")
    components = [{"type": "BODY", "text": "May we call?"}, {"type": "CALL_PERMISSION_REQUEST"}]
    town.account.templates.create(
        {
            "name": "may_we_call",
            "language": "en_US",
            "category": "UTILITY",
            "components": components,
        }
    )
    await town.pass_time(timedelta(hours=30))
    await town.wish()
    assert [one["type"] for one in town.entries(ANA)][-1] == "template"
    town.account.calls.has_phones = True
    await town.answer_request()
    assert town.ringing()
    await town.feature.desk.drain(timedelta(0))
    await town.stop()


async def test_outside_of_the_window_without_a_template(town: Town) -> None:
    await town.pass_time(timedelta(hours=30))
    await town.wish()
    assert town.requests() == 0
    assert "CALL_PERMISSION_TEMPLATE" in town.notes.noted_texts[-1]


class Unreachable(httpx.AsyncBaseTransport):
    """A way to Meta on which questions about permissions are lost."""

    def __init__(self, way: httpx.AsyncBaseTransport) -> None:
        self._way = way

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("call_permissions"):
            raise httpx.ConnectError("not reached")
        return await self._way.handle_async_request(request)


async def test_where_meta_does_not_answer_what_is_known_counts_or_operators_are_told(
    town: Town,
) -> None:
    await town.wish()
    await town.answer_request(is_permanent=True)
    await town.join()
    await town.hang_up()
    await town.restart_with(Unreachable(town.meta))
    await town.wish()
    assert town.ringing(), "the person has allowed it for good"
    await town.hang_up()
    await town.say("hi", JOHN)
    await town.wish(JOHN)
    for _ in range(6):
        await town.pass_time(timedelta(minutes=2))
    assert "does not answer" in town.notes.noted_texts[-1]


async def test_people_who_opted_out_are_not_called(town: Town) -> None:
    allow(town)
    await town.say("stop")
    await town.wish()
    assert not town.account.calls._open


async def test_a_hidden_number_is_called_by_its_id(town: Town) -> None:
    person = town.person(JOHN)
    person.hides_phone = True
    await town.say("hi", JOHN)
    allow(town, JOHN)
    await town.wish(JOHN)
    call = await town.join()
    town.account.calls.answer(call)
    await town.settle()
    assert (await town.row(call)).state == CallState.TALKING


async def test_a_killed_process_leaves_no_call_at_meta(town: Town, engine: FakeEngine) -> None:
    """Killed between the request and its answer: Meta's webhook finds nobody who has the call."""
    allow(town)
    call = town.account.calls.connect(town.person(ANA), OFFER)["calls"][0]["id"]
    town.account.calls.join(town.account.calls.find(call), CALL_ANSWER)
    await town.settle()
    assert call not in town.account.calls._open


class NeverAnswers(httpx.AsyncBaseTransport):
    """A way to Meta on which the answers about calls of ours do not come back."""

    def __init__(self, way: httpx.AsyncBaseTransport) -> None:
        self._way = way

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._way.handle_async_request(request)
        if b'"connect"' in request.content:
            await asyncio.Event().wait()
        return answer


async def test_a_process_killed_before_it_read_the_id_of_its_call_leaves_none(town: Town) -> None:
    allow(town)
    way = town.meta
    await town.restart_with(NeverAnswers(way))
    town.account.calls.has_phones = True
    effect = town.bot.parts.context.extensions.effects[CallPerson]
    await town.bot.parts.queue.enqueue((await effect(await town.turn(), OPENING)).jobs)
    await town.workers["voice_calls"].run_until_idle()
    await until(lambda: bool(town.account.calls._open))
    call = town.ringing()
    town.account.calls.join(call, CALL_ANSWER)
    await town.account.webhooks.idle()
    await town.workers["voice_calls"].run_until_idle()
    assert town.is_open(call), "its process may be about to learn the id"
    for task in town.feature.desk.calls._tasks:
        task.cancel()
    await town.restart_with(way)
    assert await town.feature.desk.end_orphans(is_alone=True) == 1
    assert not town.is_open(call)
    assert [one.reason for one in await town.rows()][-1] is End.ORPHANED

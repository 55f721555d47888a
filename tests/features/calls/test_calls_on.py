"""Calls that are answered, with an engine that has no audio."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from tests.fakes.bot import ANA, JOHN
from tests.fakes.captured_log import captured_log
from tests.features.calls.fake_engine import FakeEngine
from tests.features.calls.phone import CallTown

from domain.conversation_status import ConversationStatus
from domain.domain_event import DomainEvent
from domain.user import User
from emulator.airtable.testing import AirtableDouble
from features.calls.protocol import CallEnd, Ended, Silent
from features.calls.states import CallState, End
from flow_engine import OfferCall
from services.agent import AssistantRequest
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.observer import ConversationObserver
from services.conversations.state import ConversationState
from services.conversations.turn import ConversationTurn
from storage.engine.write import Write


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def town(tmp_path: Path, engine: FakeEngine) -> AsyncIterator[CallTown]:
    town = CallTown(tmp_path, engine, max_concurrent_calls=2, calls_per_person_per_hour=3)
    await town.start()
    yield town
    await town.feature.desk.drain(timedelta(0))
    await town.stop()


class LostAnswer(httpx.AsyncBaseTransport):
    """A way to Meta that loses the first answer to an action."""

    def __init__(self, way: httpx.AsyncBaseTransport, action: str) -> None:
        self._way, self._action = way, f'"action":"{action}"'.encode()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._way.handle_async_request(request)
        if self._action in (await request.aread()).replace(b": ", b":"):
            self._action = b"none"
            raise httpx.ReadTimeout("no answer")
        return answer


class NoteTaker(ConversationObserver):
    """What operators read."""

    def __init__(self) -> None:
        self.noted_texts: list[str] = []

    def noted(self, note_id: str, user: User, text: str, at: datetime) -> Sequence[Write]:
        self.noted_texts.append(text)
        return ()


class EventTaker:
    """What other systems hear of calls."""

    def __init__(self) -> None:
        self.events: list[DomainEvent] = []

    def wants(self, event_type: str) -> bool:
        return event_type == "call.ended"

    def heard(self, event: DomainEvent) -> Decisions:
        self.events.append(event)
        return NOTHING


def voice_call_buttons(town: CallTown, who: str) -> list[str]:
    """The titles of buttons that call the number."""
    shown = [one["interactive"] for one in town.entries(who) if one["type"] == "interactive"]
    return [
        one["action"]["parameters"]["display_text"] for one in shown if one["type"] == "voice_call"
    ]


async def test_the_menu_is_spoken_and_a_digit_does_its_step_in_the_chat(
    town: CallTown, engine: FakeEngine
) -> None:
    call = await town.call(JOHN)
    row = await town.row(call)
    assert row.state == CallState.TALKING
    assert call.answered_at is not None
    greeting, first, *_ = engine.said(call.id)
    assert "automatic assistant" in greeting
    assert first.endswith("press 1.")
    assert town.replies(JOHN) == [], "nothing is said twice"
    await town.say("hi", JOHN)
    tapped = await town.tap_id(town.choices(JOHN)[0]["id"], JOHN)
    await town.say("menu", JOHN)
    assert await town.press(call, "1", JOHN) == tapped
    assert engine.said(call.id)[-2].endswith("in the chat.")
    assert (await town.row(call)).chosen


async def test_the_log_names_nobody_and_quotes_nothing(town: CallTown, engine: FakeEngine) -> None:
    with captured_log("DEBUG") as log:
        call = await town.call(JOHN)
        await town.press(call, "1", JOHN)
        await town.hang_up(JOHN)
        engine.answers = False
        await town.call(JOHN)
    shown = log.getvalue()
    assert "the engine refused an offer" in shown
    for private in (JOHN, "a=ice", "v=0", *engine.said(call.id)):
        assert private not in shown


async def test_hash_says_goodbye_and_meta_is_told(town: CallTown, engine: FakeEngine) -> None:
    call = await town.call(JOHN)
    await town.press(call, "#", JOHN)
    assert "Goodbye" in engine.said(call.id)[-1]
    assert not town.is_open(call)
    row = await town.row(call)
    assert row.reason is End.COMPLETED
    assert (row.heard_seconds, row.said_seconds) == (2, 9)
    assert town.replies(JOHN) == []
    assert not engine.open_calls


async def test_a_call_is_noted_for_operators_other_systems_and_the_assistant(
    town: CallTown, engine: FakeEngine
) -> None:
    notes, events = NoteTaker(), EventTaker()
    extensions = town.bot.parts.context.extensions
    extensions.observers.append(notes)
    extensions.listeners.append(events)
    call = await town.call(JOHN)
    await town.press(call, "1", JOHN)
    town.clock.advance(timedelta(seconds=41))
    await town.hang_up(JOHN)
    title = str(engine.said(call.id)[1]).removeprefix("For ").removesuffix(", press 1.")
    assert notes.noted_texts == [f"📞 Voice call of 41 s. Chosen: {title}."]
    [event] = events.events
    assert event.data["end"] == "completed"
    assert event.data["seconds"] == 41
    request = AssistantRequest(await town.user(JOHN), "default", "en", "hi")
    told = await town.feature.grounding(request)
    assert "for 41 seconds; chose by key: main_menu." in told
    town.clock.advance(timedelta(days=1))
    assert await town.feature.grounding(request) == ""


async def test_a_call_of_less_than_a_second_was_answered(town: CallTown) -> None:
    notes = NoteTaker()
    town.bot.parts.context.extensions.observers.append(notes)
    await town.call(JOHN)
    await town.hang_up(JOHN)
    assert notes.noted_texts == ["📞 Voice call of 1 s."]


async def test_star_repeats_and_other_keys_say_so(town: CallTown, engine: FakeEngine) -> None:
    call = await town.call(JOHN)
    menu = engine.said(call.id)[1:]
    await town.press(call, "*", JOHN)
    assert engine.said(call.id)[-len(menu) :] == menu
    await town.press(call, "9", JOHN)
    assert "no option" in " ".join(engine.said(call.id)[-len(menu) - 1 :])
    await town.press(call, "0", JOHN)
    assert "Nobody from our team" in engine.said(call.id)[-2]
    assert town.is_open(call)


@pytest.mark.needs("airtable", "handoff")
async def test_zero_asks_for_a_person(
    tmp_path: Path, airtable: AirtableDouble, engine: FakeEngine
) -> None:
    town = CallTown(tmp_path, engine, airtable=airtable)
    await town.start()
    call = await town.call(JOHN)
    assert any("press zero" in said for said in engine.said(call.id))
    [told] = await town.press(call, "0", JOHN)
    assert "will reply here" in told
    assert "Our team has your request" in engine.said(call.id)[-1]
    assert (await town.row(call)).chosen == "human"
    assert (await town.user(JOHN)).status == ConversationStatus.NEEDS_HUMAN
    again = await town.call(JOHN)
    [said] = engine.said(again.id)
    assert said.startswith("Hello! Our team has your request")
    assert (await town.row(again)).reason is End.HELD
    assert town.replies(JOHN) == []
    await town.stop()


async def test_the_person_hangs_up(town: CallTown, engine: FakeEngine) -> None:
    call = await town.call(JOHN)
    town.clock.advance(timedelta(seconds=40))
    await town.hang_up(JOHN)
    row = await town.row(call)
    assert row.reason is End.COMPLETED
    assert row.seconds == 40
    assert engine.is_closed(call.id)
    assert town.replies(JOHN) == []


async def test_a_phone_that_closes_the_audio_while_it_rings_was_not_answered(
    town: CallTown, engine: FakeEngine
) -> None:
    engine.connects = False
    call = await town.call(JOHN)
    engine.tell(Ended(call=call.id, end=CallEnd.CLOSED))
    await town.settle()
    assert (await town.row(call)).reason is End.MISSED
    assert not town.is_open(call)


async def test_a_person_without_a_number_calls(town: CallTown, engine: FakeEngine) -> None:
    town.person(JOHN).hides_phone = True
    call = await town.call(JOHN)
    assert town.is_open(call)
    assert await town.press(call, "1", JOHN)
    await town.hang_up(JOHN)
    assert (await town.row(call)).reason is End.COMPLETED


async def test_a_lost_answer_to_accept_does_not_end_the_call(
    town: CallTown, engine: FakeEngine
) -> None:
    """Meta accepted, and its answer never came: the call goes on."""
    await town.restart_with(LostAnswer(town.meta, "accept"))
    call = await town.call(JOHN)
    assert (await town.row(call)).state == CallState.TALKING
    assert engine.is_accepted(call.id)
    assert town.is_open(call)


async def test_a_flow_offers_a_call(town: CallTown, tmp_path: Path) -> None:
    await town.say("hi", JOHN)
    handler = town.bot.parts.context.extensions.effects[OfferCall]
    turn = ConversationTurn(await town.user(JOHN), "1", ConversationState(), "en", town.clock())
    [offered] = (await handler(turn, OfferCall("common.no_answer", payload="p1"))).messages
    shown = offered.message.payload()["interactive"]["action"]["parameters"]
    assert (shown["display_text"], shown["payload"]) == ("Call us", "p1")


async def test_silence_is_asked_about_once(town: CallTown, engine: FakeEngine) -> None:
    call = await town.call(JOHN)
    engine.tell(Silent(call=call.id, seconds=8))
    await town.settle()
    assert "still there" in engine.said(call.id)[-1]
    assert town.is_open(call)
    engine.tell(Silent(call=call.id, seconds=16))
    await town.settle()
    assert "Goodbye" in engine.said(call.id)[-1]
    assert not town.is_open(call)


async def test_an_offer_that_the_engine_refuses_is_rejected(
    town: CallTown, engine: FakeEngine
) -> None:
    engine.answers = False
    call = await town.call(JOHN)
    assert not town.is_open(call)
    assert (await town.row(call)).reason is End.FAILED
    assert voice_call_buttons(town, JOHN) == ["Call again"]
    assert len(town.replies(JOHN)) == 1


async def test_a_call_is_not_accepted_before_audio_connects(
    town: CallTown, engine: FakeEngine
) -> None:
    engine.connects = False
    call = await town.call(JOHN)
    assert call.answered_at is None
    assert (await town.row(call)).state == CallState.PRE_ACCEPTED
    assert not engine.is_accepted(call.id)
    engine.tell(Ended(call=call.id, end=CallEnd.NO_MEDIA))
    await town.settle()
    assert not town.is_open(call)
    assert (await town.row(call)).reason is End.NO_MEDIA
    assert len(town.replies(JOHN)) == 1


async def test_the_person_gives_up_while_it_rings(town: CallTown, engine: FakeEngine) -> None:
    engine.connects = False
    call = await town.call(JOHN)
    await town.hang_up(JOHN)
    assert (await town.row(call)).reason is End.MISSED
    assert "missed your call" in town.replies(JOHN)[0]
    assert engine.is_closed(call.id)
    assert not engine.said(call.id)


async def test_lines_are_counted(town: CallTown, engine: FakeEngine) -> None:
    first, second = await town.call(ANA), await town.call(JOHN)
    third = await town.call("34600000003")
    assert [town.is_open(one) for one in (first, second, third)] == [True, True, False]
    assert (await town.row(third)).reason is End.BUSY
    again = await town.call_again(first)
    assert (await town.row(again)).reason is End.BUSY, "the person is in another call"
    assert not town.is_open(again)
    assert town.is_open(first)


async def test_a_person_may_not_call_without_end(town: CallTown, engine: FakeEngine) -> None:
    ends = []
    for _ in range(4):
        call = await town.call(JOHN)
        await town.hang_up(JOHN)
        ends.append((await town.row(call)).reason)
    assert ends == [End.COMPLETED] * 3 + [End.BUSY]
    town.clock.advance(timedelta(hours=1, seconds=1))
    assert town.is_open(await town.call(JOHN))


async def test_closed_hours_get_one_sentence_and_a_message(
    town: CallTown, engine: FakeEngine
) -> None:
    hours = {"status": "ENABLED", "timezone_id": "UTC", "weekly_operating_hours": []}
    town.feature.hours.learn(town.settings.wp_phone_id, {"call_hours": hours})
    call = await town.call(JOHN)
    [said] = engine.said(call.id)
    assert "closed right now" in said
    assert not town.is_open(call)
    assert (await town.row(call)).reason is End.CLOSED
    assert "Calls are closed" in town.replies(JOHN)[0]


async def test_the_engine_ends_in_the_middle(town: CallTown, engine: FakeEngine) -> None:
    call = await town.call(JOHN)
    engine.is_up = False
    engine.tell(Ended(call=call.id, end=CallEnd.FAILED))
    await town.settle()
    assert not town.is_open(call)
    assert voice_call_buttons(town, JOHN) == ["Call again"]
    next_call = await town.call(ANA)
    assert await town.found(next_call) is None, "it rings until the engine has started again"
    town.clock.advance(timedelta(seconds=5))
    engine.is_up = True
    await town.settle()
    assert (await town.row(next_call)).state == CallState.TALKING


async def test_metas_word_of_an_end_does_not_replace_our_reason(
    town: CallTown, engine: FakeEngine
) -> None:
    call = await town.call(JOHN)
    desk = town.feature.desk
    await desk.book.note_reason(call.id, End.LOST)
    town.account.calls.act("terminate", {"call_id": call.id})
    await town.settle()
    row = await town.row(call)
    assert (row.is_over, row.reason) == (True, End.LOST)


async def test_a_phone_does_not_ring_for_long_without_an_engine(
    town: CallTown, engine: FakeEngine
) -> None:
    engine.is_up = False
    call = await town.call(ANA)
    assert town.is_open(call)
    town.clock.advance(timedelta(seconds=9))
    await town.settle()
    assert not town.is_open(call)
    assert (await town.row(call)).reason is End.BUSY


async def test_a_bot_that_stops_says_goodbye(town: CallTown, engine: FakeEngine) -> None:
    call = await town.call(JOHN)
    await town.feature.desk.drain(timedelta(0))
    assert "have to end this call" in engine.said(call.id)[-1]
    assert not town.is_open(call)
    assert (await town.row(call)).reason is End.DRAINED
    await town.settle()
    assert len(town.replies(JOHN)) == 1


async def test_a_killed_bot_ends_its_calls_at_the_next_start(
    tmp_path: Path, engine: FakeEngine
) -> None:
    town = CallTown(tmp_path, engine)
    await town.start()
    call = await town.call(JOHN)
    assert town.is_open(call)
    for task in town.feature.desk.calls._tasks:
        task.cancel()
    await town.restart()
    assert await town.feature.desk.end_orphans(is_alone=True) == 1
    assert not town.is_open(call)
    await town.settle()
    assert (await town.row(call)).reason is End.ORPHANED
    assert voice_call_buttons(town, JOHN) == ["Call again"]
    assert await town.feature.desk.end_orphans(is_alone=True) == 0
    await town.stop()


async def test_a_call_of_another_process_is_left_alone_while_it_lives(
    town: CallTown, engine: FakeEngine
) -> None:
    call = await town.call(JOHN)
    desk = town.feature.desk
    owner, desk.owner = desk.owner, "another"
    assert await desk.end_orphans(is_alone=False) == 0
    town.clock.advance(timedelta(seconds=14))
    desk.owner = owner
    await desk.keep_alive()
    town.clock.advance(timedelta(seconds=14))
    desk.owner = "another"
    assert await desk.end_orphans(is_alone=False) == 0
    town.clock.advance(timedelta(seconds=2))
    assert await desk.end_orphans(is_alone=False) == 1
    desk.owner = owner
    await desk.keep_alive()
    await town.settle()
    assert not desk.live, "its process learns that the call is over"
    assert (await town.row(call)).reason is End.ORPHANED

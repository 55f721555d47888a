"""Calls in which the assistant talks, with an engine that has no audio."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import func, select
from tests.fakes.bot import JOHN
from tests.fakes.captured_log import captured_log
from tests.features.calls.fake_engine import FakeEngine
from tests.features.calls.phone import CallTown
from tests.features.calls.test_calls_on import NoteTaker

from emulator.cloud_api.state.voice_call import VoiceCall
from emulator.openai.model import Call, Said
from emulator.openai.testing import OpenAIDouble
from features.assistant.token_usage import spending
from features.call_assistant import tables
from features.call_assistant.dialog import AssistantDialog
from features.call_assistant.feature import CallAssistant
from features.call_assistant.tables import CallRecord, call_record, call_turn
from features.call_assistant.tools import DONE
from features.calls.frame import Frame
from features.calls.protocol import CallEnd, Digit, Ended, Say, Silent
from features.calls.states import End
from features.calls.talker_frames import (
    Converse,
    Dismiss,
    Heard,
    Instruct,
    Spoken,
    TalkerGone,
    TalkerKind,
    ToolAsked,
    ToolResult,
    Usage,
)
from storage.engine.group_commit import Transaction

REALTIME, PIPELINE = TalkerKind.REALTIME, TalkerKind.PIPELINE
FrameT = TypeVar("FrameT", bound=Frame)


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def town(tmp_path: Path, engine: FakeEngine, openai: OpenAIDouble) -> AsyncIterator[CallTown]:
    town = CallTown(tmp_path, engine, openai=openai, call_tokens=10_000)
    await town.start()
    yield town
    await town.feature.desk.drain(timedelta(0))
    await town.stop()


def orders(engine: FakeEngine, kind: type[FrameT]) -> list[FrameT]:
    return [one for one in engine.orders if isinstance(one, kind)]


async def tell(town: CallTown, *reports: object) -> list[str]:
    """Have the engine report; returns what the chat shows then."""
    assert town.engine is not None
    town._mark_seen(JOHN)
    for report in reports:
        town.engine.tell(report)  # type: ignore[arg-type]
        await town.settle()
    return town.replies(JOHN)


async def talk(town: CallTown) -> VoiceCall:
    """John calls, and talks a little."""
    call = await town.call(JOHN)
    await tell(
        town,
        Heard(call=call.id, text="When are you open?"),
        Spoken(call=call.id, text="Until five.", is_cut=True),
    )
    return call


async def record_of(town: CallTown, call: VoiceCall) -> CallRecord:
    found = await town.database.reader.run(lambda c, _: tables.find(c, call.id))
    assert found is not None
    return found


async def number_of_turns(town: CallTown) -> int:
    query = select(func.count()).select_from(call_turn)
    return await town.database.submit(Transaction(lambda c, _: c.scalar(query) or 0))


async def test_the_model_gets_the_person_the_chat_and_the_tools(
    town: CallTown, engine: FakeEngine, openai: OpenAIDouble
) -> None:
    openai.model.will_say("Yes, cats too.")
    await town.say("do you take cats?", JOHN)
    await town.call(JOHN)
    [brief] = orders(engine, Converse)
    assert brief.talker is REALTIME
    assert [one.text for one in brief.history] == ["do you take cats?", "Yes, cats too."]
    assert '"is registered": false' in brief.instructions
    assert "on the phone" in brief.instructions
    names = {one.name for one in brief.tools}
    assert {"show_menu", "start_flow", "end_call", "send_in_chat"} <= names
    [greeting] = orders(engine, Say)
    assert "How can I help you?" in greeting.lines[0].text


async def test_a_tool_acts_in_the_chat_while_the_call_goes_on(
    town: CallTown, engine: FakeEngine
) -> None:
    call = await talk(town)
    menu = await tell(town, ToolAsked(call=call.id, id="1", name="show_menu", arguments="{}"))
    assert len(menu) == 1
    text = json.dumps({"text": "Main Street 5"})
    sent = await tell(town, ToolAsked(call=call.id, id="2", name="send_in_chat", arguments=text))
    assert sent == ["Main Street 5"]
    await tell(town, ToolAsked(call=call.id, id="3", name="send_in_chat", arguments="{}"))
    results = orders(engine, ToolResult)
    assert [one.output for one in results[:2]] == [DONE, DONE]
    assert "do not fit" in results[2].output
    assert town.is_open(call)


async def test_what_was_said_is_remembered_summarized_and_shown_to_operators(
    town: CallTown, engine: FakeEngine, openai: OpenAIDouble
) -> None:
    notes = NoteTaker()
    town.bot.parts.context.extensions.observers.append(notes)
    call = await talk(town)
    await tell(town, Usage(call=call.id, tokens=120))
    assert await number_of_turns(town) == 2
    openai.model.will_say("Asked for the opening hours.", "As I said: until five.")
    town.clock.advance(timedelta(seconds=5))
    await town.hang_up(JOHN)
    await town.settle()
    record = await record_of(town, call)
    assert record.transcript == "user: When are you open?\nassistant: Until five.…"
    assert (record.summary, record.outcome) == ("Asked for the opening hours.", "completed")
    assert record.tokens > 120
    assert await number_of_turns(town) == 0
    assert "📞 In the call: Asked for the opening hours." in notes.noted_texts
    assert await town.say("what did you say about the hours?", JOHN) == ["As I said: until five."]
    texts = [one["content"] for one in openai.model.asked[-1]["messages"]]
    assert "Until five." in texts
    assert "When are you open?" in texts


async def test_a_killed_bot_remembers_what_was_said(
    tmp_path: Path, engine: FakeEngine, openai: OpenAIDouble
) -> None:
    town = CallTown(tmp_path, engine, openai=openai)
    await town.start()
    call = await talk(town)
    town.clock.advance(timedelta(seconds=5))
    await town.restart()
    openai.model.will_say("A summary.")
    await town.feature.desk.end_orphans()
    await town.settle()
    record = await record_of(town, call)
    assert (record.outcome, record.summary) == ("orphaned", "A summary.")
    await town.stop()


async def test_a_model_that_is_gone_leaves_the_pipeline_and_then_the_menu(
    town: CallTown, engine: FakeEngine, openai: OpenAIDouble
) -> None:
    call = await talk(town)
    await tell(town, TalkerGone(call=call.id, why="closed"))
    assert [one.talker for one in orders(engine, Converse)] == [REALTIME, PIPELINE]
    assert [one.text for one in orders(engine, Converse)[1].history] == [
        *("When are you open?", "Until five."),
    ]
    assert engine.said(call.id)[-1] == "Sorry, could you say that again?"
    await tell(town, TalkerGone(call=call.id, why="no voice"))
    assert engine.said(call.id)[-1].startswith("To hear the options again")
    assert "I can only offer you the menu now." in engine.said(call.id)
    assert await town.press(call, "1", JOHN), "keys act in the chat"


async def test_a_server_that_refuses_at_once_leaves_the_greeting_and_the_menu(
    tmp_path: Path, engine: FakeEngine, openai: OpenAIDouble
) -> None:
    town = CallTown(tmp_path, engine, openai=openai, call_transcription_model="none")
    await town.start()
    call = await town.call(JOHN)
    await tell(town, TalkerGone(call=call.id, why="refused 401"))
    assert "What you choose, I will send you in this chat." in engine.said(call.id)[1]
    await town.feature.desk.drain(timedelta(0))
    await town.stop()


async def test_the_pipeline_answers_sentence_by_sentence_by_the_assistant(
    town: CallTown, engine: FakeEngine, openai: OpenAIDouble
) -> None:
    call = await talk(town)
    await tell(town, TalkerGone(call=call.id, why="closed"))
    openai.model.will_say("We close at **five**. See https://example.org! Anything else?")
    await tell(town, Heard(call=call.id, text="Say again?"))
    await until_said(town, engine, 3)
    said = orders(engine, Say)[-1]
    assert [one.text for one in said.lines] == ["We close at five.", "See!", "Anything else?"]
    openai.model.will_say(
        Said(calls=[Call("show_menu")]), Said(calls=[Call("end_call")]), "Goodbye then."
    )
    await tell(town, Heard(call=call.id, text="The menu, and that is all."))
    await until_said(town, engine, 4)
    await town.settle()
    assert orders(engine, Say)[-1].then_end
    assert (await town.row(call)).reason is End.COMPLETED
    assert town.choices(JOHN), "the menu is in the chat"


async def until_said(town: CallTown, engine: FakeEngine, count: int) -> None:
    """Wait until so many orders to speak were given: an answer is made beside the call."""
    for _ in range(2000):
        if len(orders(engine, Say)) >= count:
            return
        await asyncio.sleep(0.005)
    raise AssertionError("nothing was said")


async def test_a_tool_that_fails_ends_no_call(
    town: CallTown, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("Main Street 5")

    monkeypatch.setattr(AssistantDialog, "use_tool", fail)
    call = await talk(town)
    await tell(town, ToolAsked(call=call.id, id="1", name="show_menu", arguments="{}"))
    assert "did not work" in orders(engine, ToolResult)[-1].output
    assert town.is_open(call)


async def test_the_moderation_is_told_in_the_call(
    tmp_path: Path, engine: FakeEngine, openai: OpenAIDouble
) -> None:
    settings = {"openai_moderation_model": "any", "call_talker": "pipeline"}
    town = CallTown(tmp_path, engine, openai=openai, **settings)
    await town.start()
    call = await town.call(JOHN)
    await tell(town, Heard(call=call.id, text="violence"))
    await until_said(town, engine, 2)
    assert "menu" not in orders(engine, Say)[-1].lines[0].text
    assert [one.talker for one in orders(engine, Converse)] == [PIPELINE]
    await town.feature.desk.drain(timedelta(0))
    await town.stop()


@pytest.mark.needs("my_data")
async def test_people_are_told_that_their_words_are_kept(town: CallTown) -> None:
    await talk(town)
    told = "\n".join(await town.say("show me my data", JOHN))
    assert "What was said in your voice calls" in told


async def test_a_call_ends_when_the_model_says_so(town: CallTown, engine: FakeEngine) -> None:
    call = await talk(town)
    await tell(town, ToolAsked(call=call.id, id="1", name="end_call", arguments="{}"))
    last = orders(engine, Say)[-1]
    assert (last.then_end, last.yields) == (True, True)
    assert (await town.row(call)).reason is End.COMPLETED
    assert not town.is_open(call)


async def test_keys_and_silence_work_as_in_the_menu(town: CallTown, engine: FakeEngine) -> None:
    call = await talk(town)
    assert await town.press(call, "1", JOHN)
    await tell(town, Silent(call=call.id, seconds=8))
    assert "still there" in orders(engine, Instruct)[-1].text
    await tell(town, Silent(call=call.id, seconds=8))
    assert "Goodbye" in engine.said(call.id)[-1]
    assert not town.is_open(call)


async def test_a_spent_call_goes_on_with_the_menu(town: CallTown, engine: FakeEngine) -> None:
    call = await talk(town)
    await tell(town, Usage(call=call.id, tokens=9_999))
    assert not orders(engine, Dismiss)
    await tell(town, Usage(call=call.id, tokens=1))
    assert orders(engine, Dismiss)
    assert "I can only offer you the menu now." in engine.said(call.id)
    total = select(func.max(spending.c.tokens)).where(spending.c.user_key != "*")
    assert await town.database.submit(Transaction(lambda c, _: c.scalar(total))) == 10_000


async def test_a_person_without_budget_hears_the_menu(
    tmp_path: Path, engine: FakeEngine, openai: OpenAIDouble
) -> None:
    town = CallTown(tmp_path, engine, openai=openai, openai_daily_tokens_per_person=1)
    await town.start()
    await town.say("do you take cats?", JOHN)
    call = await town.call(JOHN)
    assert not orders(engine, Converse)
    assert "What you choose" in engine.said(call.id)[0]
    await town.feature.desk.drain(timedelta(0))
    await town.stop()


@pytest.mark.parametrize(
    ("keeps", "transcript", "summary"), [("summary", "", "A summary."), ("off", "", "")]
)
async def test_no_more_is_kept_than_the_setting_says(
    tmp_path: Path,
    engine: FakeEngine,
    openai: OpenAIDouble,
    keeps: str,
    transcript: str,
    summary: str,
) -> None:
    town = CallTown(tmp_path, engine, openai=openai, call_transcripts=keeps)
    await town.start()
    call = await talk(town)
    openai.model.will_say("A summary.")
    town.clock.advance(timedelta(seconds=5))
    await town.hang_up(JOHN)
    await town.settle()
    record = await record_of(town, call)
    assert (record.transcript, record.summary) == (transcript, summary)
    await town.stop()


async def test_words_are_deleted_after_their_time_and_with_the_data_of_the_person(
    town: CallTown, engine: FakeEngine, openai: OpenAIDouble
) -> None:
    first = await talk(town)
    town.clock.advance(timedelta(seconds=5))
    await town.hang_up(JOHN)
    await town.settle()
    assert (await record_of(town, first)).transcript
    later = town.clock.now + timedelta(days=31).total_seconds()
    assert await town.database.submit(Transaction(lambda c, _: tables.empty_old(c, later))) == 1
    assert await town.database.submit(Transaction(lambda c, _: tables.empty_old(c, later))) == 0
    assert not (await record_of(town, first)).transcript
    revision = select(call_record.c.rev).where(call_record.c.id == first.id)
    assert await town.database.submit(Transaction(lambda c, _: c.scalar(revision))) == 3


async def test_the_log_quotes_nobody(town: CallTown, engine: FakeEngine) -> None:
    with captured_log("DEBUG") as log:
        call = await talk(town)
        given = json.dumps({"text": "Main Street 5"})
        await tell(
            town,
            ToolAsked(call=call.id, id="1", name="send_in_chat", arguments=given),
            Digit(call=call.id, digit="5"),
            TalkerGone(call=call.id, why="closed"),
            Ended(call=call.id, end=CallEnd.LOST),
        )
        await town.settle()
    for private in (JOHN, "When are you open?", "Until five.", "Main Street 5"):
        assert private not in log.getvalue()


@pytest.mark.parametrize(
    ("settings", "talkers"),
    [
        ({}, [REALTIME, PIPELINE]),
        ({"call_talker": "menu"}, []),
        ({"call_talker": "pipeline"}, [PIPELINE]),
        ({"call_realtime_model": "none"}, [PIPELINE]),
        ({"call_transcription_model": "none"}, [REALTIME]),
        ({"calls_enabled": False}, []),
    ],
)
async def test_settings_say_who_talks(
    tmp_path: Path,
    openai: OpenAIDouble,
    settings: dict[str, object],
    talkers: Sequence[TalkerKind],
) -> None:
    town = CallTown(tmp_path, FakeEngine(), openai=openai, **settings)
    await town.start()
    assert list(town.bot.parts.feature(CallAssistant).talkers) == list(talkers)
    await town.stop()

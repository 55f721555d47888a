"""A model that talks in a call: phone, engine and Realtime API, over real connections."""

import asyncio

import pytest

pytest.importorskip("aiortc", reason="needs the extra calls: aiortc")

from tests.features.calls.engine.phone import tone, until
from tests.features.calls.engine.talk_run import Talk
from tests.features.calls.engine.test_media import until_silent

from emulator.openai.model import Call, Said
from emulator.openai.realtime.sound import power
from emulator.openai.testing import OpenAIDouble
from features.calls.protocol import Ended, Say
from features.calls.protocol import Said as SaidReport
from features.calls.talker_frames import (
    Heard,
    Instruct,
    PastTurn,
    Spoken,
    TalkerGone,
    ToolAsked,
    ToolDefinition,
    ToolResult,
    Usage,
)

LOOK_UP = ToolDefinition(name="look_up", description="Hours", parameters={"type": "object"})
STORY = "A very long story that goes on and on, and that hardly anybody wants to hear."


async def test_speech_reaches_the_model_and_its_voice_the_phone(
    talk: Talk, openai: OpenAIDouble
) -> None:
    openai.model.will_say("Gladly.")
    history = (PastTurn(role="user", text="hi"), PastTurn(role="assistant", text="hello"))
    phone = await talk.begin(instructions="Be kind.", history=history, tools=(LOOK_UP,))
    phone.talk(tone(440.0, 0.5))
    assert (await talk.run.told(Heard)).text == "Show me the menu, please."
    assert (await talk.run.told(Spoken)) == Spoken(call="a", text="Gladly.")
    assert phone.first_sound() is not None
    assert power(bytes(talk.session.heard), 440.0) > 100 * power(bytes(talk.session.heard), 880.0)
    assert power(bytes(phone.heard), 700.0) > 100 * power(bytes(phone.heard), 440.0)
    assert (await talk.run.told(Usage)).tokens > 0
    [asked] = openai.model.asked
    assert [one["content"] for one in asked["messages"]] == [
        *("Be kind.", "hi", "hello", "Show me the menu, please."),
    ]
    assert [one["function"]["name"] for one in asked["tools"]] == ["look_up"]


async def test_the_caller_interrupts_and_the_model_learns_what_was_heard(
    talk: Talk, openai: OpenAIDouble
) -> None:
    openai.model.will_say(STORY, "Yes?")
    phone = await talk.begin()
    await talk.run.engine.handle(Instruct(call="a", text="Tell a story."))
    await until(lambda: phone.first_sound() is not None)
    await asyncio.sleep(0.6)
    phone.talk(tone(440.0, 0.4))
    await until_silent(phone)
    await until(lambda: bool(talk.session.truncated()))
    [cut] = talk.session.truncated()
    heard_ms = 20 * sum(is_sound for _, is_sound in phone.frames)
    assert abs(cut["audio_end_ms"] - heard_ms) <= 40
    spoken = await talk.run.told(Spoken)
    assert spoken.is_cut
    assert STORY.startswith(spoken.text)
    await until(lambda: len(openai.model.asked) == 2)
    said = [
        one["content"] for one in openai.model.asked[1]["messages"] if one["role"] == "assistant"
    ]
    assert STORY.startswith(said[0])
    assert len(said[0]) < len(STORY) / 2


async def test_late_sound_of_an_interrupted_answer_is_not_heard(
    talk: Talk, openai: OpenAIDouble
) -> None:
    openai.model.will_say(STORY)
    openai.realtime.pace = 0.1
    phone = await talk.begin()
    await talk.run.engine.handle(Instruct(call="a", text="Tell a story."))
    await until(lambda: phone.first_sound() is not None)
    phone.talk(keys="5")
    await until_silent(phone, frames=20)
    cancelled = [one for one in talk.session.taken if one["type"] == "response.cancel"]
    assert len(cancelled) == 1


async def test_the_model_uses_a_tool_and_goes_on(talk: Talk, openai: OpenAIDouble) -> None:
    openai.model.will_say(Said(calls=[Call("look_up", '{"day": 1}')]), "Until five.")
    phone = await talk.begin(tools=(LOOK_UP,))
    phone.talk(tone(440.0, 0.3))
    asked = await talk.run.told(ToolAsked)
    assert (asked.name, asked.arguments) == ("look_up", '{"day": 1}')
    await talk.run.engine.handle(ToolResult(call="a", id=asked.id, output="open until 17:00"))
    assert (await talk.run.told(Spoken)).text == "Until five."
    assert openai.model.asked[1]["messages"][-1]["content"] == "open until 17:00"


async def test_an_answer_by_text_alone_is_spoken(talk: Talk, openai: OpenAIDouble) -> None:
    openai.realtime.is_mute = True
    line = talk.run.record(900.0, seconds=0.3)
    openai.model.will_say(line.text)
    phone = await talk.begin()
    made = talk.run.voice / "en"
    made.mkdir()
    (made / "lines.toml").write_text(f'{line.text} = "../recorded/en/{line.text}.opus"\n')
    phone.talk(tone(440.0, 0.3))
    await talk.run.told(SaidReport)
    assert phone.first_sound() is not None


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        ({"refusal": 401}, "refused 401"),
        ({"breaks_after": 0}, "closed 1011"),
        ({"failure": ("insufficient_quota", "insufficient_quota")}, "failed: insufficient_quota"),
    ],
)
async def test_a_server_that_refuses_or_breaks_off_is_told(
    talk: Talk, openai: OpenAIDouble, trouble: dict[str, object], why: str
) -> None:
    for name, value in trouble.items():
        setattr(openai.realtime, name, value)
    await talk.run.talk()
    await talk.converse()
    await talk.run.engine.handle(Instruct(call="a", text="Say hello."))
    assert (await talk.run.told(TalkerGone)).why == why
    await talk.run.say(talk.run.record(880.0))
    await until(lambda: talk.run.phones[0].first_sound() is not None)


async def test_a_server_that_is_silent_is_given_up(talk: Talk, openai: OpenAIDouble) -> None:
    openai.realtime.is_silent = True
    await talk.begin()
    await talk.run.engine.handle(Instruct(call="a", text="Say hello."))
    talk.run.engine.tick()
    assert not talk.run.of(TalkerGone)
    talk.run.ahead += 4.6
    assert (await talk.run.told(TalkerGone)).why == "silent"
    await until(lambda: not openai.realtime.sessions[0].answering)


async def test_the_goodbye_of_the_model_is_heard_before_the_end(
    talk: Talk, openai: OpenAIDouble
) -> None:
    openai.model.will_say("Goodbye, and thank you.")
    phone = await talk.begin()
    await talk.run.engine.handle(Instruct(call="a", text="Say goodbye."))
    await until(lambda: phone.first_sound() is not None)
    await talk.run.engine.handle(Say(call="a", lines=(), then_end=True, yields=True))
    await talk.run.told(Ended)
    said_ms = 20 * sum(is_sound for _, is_sound in phone.frames)
    assert said_ms > 1000, "its last words were cut"

"""The service over the real SDK, against the emulated OpenAI on a port."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from emulator.openai.model import Call, Said
from emulator.openai.state import KEY
from emulator.openai.testing import OpenAIDouble
from emulator.silence import SILENCE
from flow_engine import ShowMenu
from services.agent import AgentRequest, AgentUnavailable, ChatTurn, Picture, Tool
from services.clients.http import make_http_client
from services.open_ai_service import OpenAIService, make_openai

PIXEL = b"\x89PNG\r\n\x1a\n"


class Question(BaseModel):
    model_config = ConfigDict(extra="forbid")

    about: str


@pytest.fixture
async def service(openai: OpenAIDouble) -> AsyncIterator[OpenAIService]:
    async for one in make_service(openai):
        yield one


async def make_service(openai: OpenAIDouble, key: str = KEY) -> AsyncIterator[OpenAIService]:
    async with make_http_client() as http:
        client = make_openai(api_key=key, base_url=openai.url, http=http)
        yield OpenAIService(client, model="some-model", moderation_model="moderator")


def asked(text: str = "who am I?", **more: Any) -> AgentRequest:
    return AgentRequest("Be kind.", **{"history": (), "text": text, **more})


async def test_prompt_history_and_question_are_given_in_order(
    openai: OpenAIDouble, service: OpenAIService
) -> None:
    openai.model.will_say("Hello **Ann**")
    history = [ChatTurn("user", "hi"), ChatTurn("assistant", "hello")]
    answer = await service.reply(asked(history=history))
    assert answer.text == "Hello **Ann**"
    assert answer.tool_calls == ()
    assert answer.tokens > 0
    [request] = openai.model.asked
    assert request["model"] == "some-model"
    assert request["messages"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "hello"},
        {"role": "user", "content": "who am I?"},
    ]
    assert "tools" not in request


async def test_a_picture_goes_with_its_question(
    openai: OpenAIDouble, service: OpenAIService
) -> None:
    await service.reply(asked("what is it?", pictures=[Picture("image/png", PIXEL)]))
    content = openai.model.asked[0]["messages"][-1]["content"]
    assert content[0] == {"type": "text", "text": "what is it?"}
    assert content[1]["image_url"]["url"] == "data:image/png;base64,iVBORw0KGgo="


async def look_up(question: Question) -> str:
    return f"All about {question.about}."


TOOLS = [
    Tool("look_up", "Find something.", Question, look_up),
    Tool("show_menu", "Show the menu.", effects=lambda _: [ShowMenu()]),
]


async def test_what_is_looked_up_is_told_to_the_model_and_an_effect_to_the_bot(
    openai: OpenAIDouble, service: OpenAIService
) -> None:
    openai.model.will_say(
        Said(calls=[Call("look_up", '{"about": "bees"}'), Call("show_menu")]), "Bees it is."
    )
    answer = await service.reply(asked(tools=TOOLS))
    assert answer.text == "Bees it is."
    assert [one.name for one in answer.tool_calls] == ["show_menu"]
    results = [one for one in openai.model.asked[1]["messages"] if one["role"] == "tool"]
    assert results[0]["content"] == "All about bees."
    tool = openai.model.asked[0]["tools"][0]["function"]
    assert tool["parameters"]["required"] == ["about"]
    assert tool["parameters"]["additionalProperties"] is False


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (Call("delete_everybody"), "no such tool"),
        (Call("look_up", "{"), "do not fit"),
        (Call("look_up", '{"about": "me", "user": "15551234567"}'), "do not fit"),
        (Call("show_menu", '{"to": "15551234567"}'), "do not fit"),
        (Call("look_up", "[]"), "do not fit"),
    ],
)
async def test_a_hostile_model_can_use_only_what_it_was_given(
    openai: OpenAIDouble, service: OpenAIService, call: Call, words: str
) -> None:
    openai.model.will_say(Said(calls=[call]), "ok")
    answer = await service.reply(asked(tools=TOOLS))
    assert answer.tool_calls == ()
    assert words in openai.model.asked[1]["messages"][-1]["content"]


async def test_a_model_that_never_stops_using_tools_is_stopped(
    openai: OpenAIDouble, service: OpenAIService
) -> None:
    openai.model.will_say(*[Said(calls=[Call("look_up", '{"about": "x"}')])] * 10)
    with pytest.raises(AgentUnavailable):
        await service.reply(asked(tools=TOOLS))
    assert len(openai.model.asked) == 4


@pytest.mark.parametrize("refusal", [401, 429, 500, 503])
async def test_a_server_that_refuses_gives_no_answer(
    openai: OpenAIDouble, service: OpenAIService, refusal: int
) -> None:
    openai.trouble.refusal = refusal
    with pytest.raises(AgentUnavailable):
        await service.reply(asked())
    with pytest.raises(AgentUnavailable):
        await service.is_harmful("hello")
    with pytest.raises(AgentUnavailable):
        await service.transcribe(b"1", name="a.ogg", mime_type="audio/ogg")
    with pytest.raises(AgentUnavailable):
        await service.synthesize("hello")


@pytest.mark.parametrize("events", [0, 1, 3])
async def test_an_answer_that_breaks_off_is_asked_for_once_more(
    openai: OpenAIDouble, service: OpenAIService, events: int
) -> None:
    openai.trouble.broken_after = events
    openai.model.will_say(*["A long answer, of several pieces."] * 2)
    with pytest.raises(AgentUnavailable):
        await service.reply(asked())
    assert len(openai.model.asked) == 2


async def test_silence_and_an_empty_answer_are_none(
    openai: OpenAIDouble, service: OpenAIService, monkeypatch: pytest.MonkeyPatch
) -> None:
    openai.model.will_say("  ")
    with pytest.raises(AgentUnavailable):
        await service.reply(asked())
    openai.trouble.seconds = 0.3
    monkeypatch.setattr("services.open_ai_service.MAX_REPLY_SECONDS", 0.05)
    with pytest.raises(AgentUnavailable):
        await service.reply(asked())


LONG = "word " * 800  # about a thousand tokens


@pytest.mark.parametrize("events", [0, 1, 3])
async def test_what_breaks_off_costs_about_what_was_sent_and_received(
    openai: OpenAIDouble, service: OpenAIService, events: int
) -> None:
    openai.trouble.broken_after = events
    openai.model.will_say(*["A long answer, of several pieces."] * 2)
    with pytest.raises(AgentUnavailable) as caught:
        await service.reply(asked(LONG))
    assert 2000 <= caught.value.tokens <= 2050  # it was asked twice


async def test_what_a_server_does_not_tell_of_the_cost_is_estimated(
    openai: OpenAIDouble, service: OpenAIService
) -> None:
    openai.trouble.broken_after = 3  # the answer is whole, and what it cost does not follow
    openai.model.will_say("Hello")
    answer = await service.reply(asked(LONG))
    assert answer.text == "Hello"
    assert 1000 <= answer.tokens <= 1050


async def test_what_takes_too_long_costs_about_what_was_sent(
    openai: OpenAIDouble, service: OpenAIService, monkeypatch: pytest.MonkeyPatch
) -> None:
    openai.trouble.seconds = 0.3
    monkeypatch.setattr("services.open_ai_service.MAX_REPLY_SECONDS", 0.05)
    quick = OpenAIService(service._client, model="m")  # nothing is moderated first
    picture = Picture("image/png", bytes(100_000))
    with pytest.raises(AgentUnavailable, match="too long") as caught:
        await quick.reply(asked(LONG, pictures=[picture]))
    assert 2000 <= caught.value.tokens <= 2050


async def test_answers_that_cannot_be_used_cost_what_they_cost(
    openai: OpenAIDouble, service: OpenAIService
) -> None:
    openai.model.will_say("  ")
    with pytest.raises(AgentUnavailable, match="was empty") as caught:
        await service.reply(asked(LONG))
    assert 1000 <= caught.value.tokens <= 1050
    openai.model.will_say(*[Said(calls=[Call("look_up", '{"about": "x"}')])] * 10)
    with pytest.raises(AgentUnavailable, match="was empty") as caught:
        await service.reply(asked(LONG, tools=TOOLS))
    assert 4000 <= caught.value.tokens <= 4200


async def test_what_is_refused_costs_nothing(openai: OpenAIDouble, service: OpenAIService) -> None:
    openai.trouble.refusal = 429
    with pytest.raises(AgentUnavailable) as caught:
        await OpenAIService(service._client, model="m").reply(asked(LONG))
    assert caught.value.tokens == 0


@pytest.mark.parametrize("knows_no_limit", [False, True])
async def test_an_answer_is_of_some_length_whatever_the_server_knows(
    openai: OpenAIDouble, service: OpenAIService, *, knows_no_limit: bool
) -> None:
    openai.trouble.knows_no_limit = knows_no_limit
    openai.model.will_say(LONG)
    brief = OpenAIService(service._client, model="m", answer_tokens=100)
    answer = await brief.reply(asked())
    assert openai.model.asked[0]["max_completion_tokens"] == 100
    assert LONG.startswith(answer.text)
    assert 399 <= len(answer.text) <= 412  # a stream comes in pieces of 12
    assert 100 <= answer.tokens <= 120


async def test_no_limit_is_sent_to_a_server_that_refuses_one(
    openai: OpenAIDouble, service: OpenAIService
) -> None:
    openai.model.will_say(LONG)
    assert (await service.reply(asked())).text == LONG.strip()
    assert not [name for name in openai.model.asked[0] if "max" in name]


async def test_a_voice_note_is_sent_with_a_name_that_tells_its_format(
    openai: OpenAIDouble, service: OpenAIService
) -> None:
    openai.state.transcripts.append(" See you on Monday. ")
    heard = await service.transcribe(SILENCE, name="voice.ogg", mime_type="audio/ogg")
    assert heard == "See you on Monday."
    assert openai.state.heard == [("voice.ogg", "audio/ogg", SILENCE)]
    with pytest.raises(AgentUnavailable):
        await service.transcribe(SILENCE, name="voice.amr", mime_type="audio/amr")


async def test_what_is_spoken_is_a_voice_note(service: OpenAIService) -> None:
    speaker = OpenAIService(service._client, model="m", speech_model="speaker")
    assert (await speaker.synthesize("Hello")).startswith(b"OggS")


async def test_nothing_is_spoken_without_a_model_of_speech(service: OpenAIService) -> None:
    with pytest.raises(AgentUnavailable, match="no model of speech"):
        await service.synthesize("Hello")


async def test_what_is_harmful_is_known(openai: OpenAIDouble, service: OpenAIService) -> None:
    assert await service.is_harmful("I want violence")
    assert not await service.is_harmful("I want tea")
    quiet = OpenAIService(service._client, model="m")
    assert not await quiet.is_harmful("I want violence")


async def test_a_wrong_key_gives_no_answer(openai: OpenAIDouble) -> None:
    async for service in make_service(openai, key="sk-wrong"):
        with pytest.raises(AgentUnavailable):
            await service.reply(asked())

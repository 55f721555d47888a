"""Servers that are nearly OpenAI: reasoning, odd streams, tool calls of every form."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from emulator.openai.dialect import JSON_CALL, TAGGED_CALL
from emulator.openai.model import Call, Said
from emulator.openai.state import KEY
from emulator.openai.testing import OpenAIDouble
from flow_engine import ShowMenu
from services.agent import AgentRequest, AgentUnavailable, Tool
from services.clients.http import make_http_client
from services.clients.openai.chat import Completion
from services.clients.openai.reasoning import without_reasoning
from services.clients.openai.written_calls import WrittenCall, is_json, read_calls
from services.open_ai_service import OpenAIService, make_openai


class Question(BaseModel):
    about: str


async def look_up(question: Question) -> str:
    return f"All about {question.about}."


TOOLS = [
    Tool("look_up", "Find something.", Question, look_up),
    Tool("show_menu", "Show the menu.", effects=lambda _: [ShowMenu()]),
]
BEES = Call("look_up", '{"about": "bees"}')


def asked() -> AgentRequest:
    return AgentRequest("Be kind.", (), "bees?", tools=TOOLS)


@pytest.fixture
async def service(openai: OpenAIDouble) -> AsyncIterator[OpenAIService]:
    async with make_http_client() as http:
        yield OpenAIService(make_openai(api_key=KEY, base_url=openai.url, http=http), model="m")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<think>private</think>Hello", "Hello"),
        ("<think>\nprivate\n</think>\n\nHello\n", "Hello"),
        ("private</think>Hello", "Hello"),
        ("<THINK>private</THINK>Hello", "Hello"),
        ("<thinking>a <think>b</think> c</thinking>Hello", "Hello"),
        ("Hello <think>private</think>Ann", "Hello Ann"),
        ("<think>private", ""),
        ("<think></think>", ""),
        ("[THINK]private[/THINK]Hello", "Hello"),
        ("<seed:think>private</seed:think>Hello", "Hello"),
        (
            "<|channel|>analysis<|message|>private<|end|><|start|>assistant<|channel|>final"
            "<|message|>Hello<|return|>",
            "Hello",
        ),
        ("<|channel|>analysis<|message|>private", ""),
        ("Hello<|im_end|>", "Hello"),
        ("Hello</s>", "Hello"),
        (
            "Models write `<think>` before they answer.",
            "Models write `<think>` before they answer.",
        ),
        ("2 < 3, [sic], and a < b", "2 < 3, [sic], and a < b"),
    ],
)
def test_what_a_model_thinks_is_not_said(text: str, shown: str) -> None:
    assert without_reasoning(text) == shown


ARGUMENTS = {"about": "bees"}
CALL = json.dumps({"name": "look_up", "parameters": ARGUMENTS})


@pytest.mark.parametrize(
    "text",
    [
        CALL,
        f"```json\n{CALL}\n```",
        f"[{CALL}]",
        json.dumps({"type": "function", "name": "look_up", "arguments": ARGUMENTS}),
        json.dumps({"type": "function", "function": {"name": "look_up", "arguments": ARGUMENTS}}),
        json.dumps({"tool_calls": [{"name": "look_up", "arguments": ARGUMENTS}]}),
        json.dumps({"name": "look_up", "arguments": json.dumps(ARGUMENTS)}),
        json.dumps({"tool": "look_up", "tool_input": ARGUMENTS}),
        CALL[:-1],  # without its last bracket
        f"<tool_call>{CALL}</tool_call>",
        f"<tool_call>\n{CALL}",
        f"<|python_tag|>{CALL}",
        f"[TOOL_CALLS] [{CALL}]",
        f"[TOOL_CALLS]look_up{json.dumps(ARGUMENTS)}",
        f"<function=look_up>{json.dumps(ARGUMENTS)}</function>",
        "<tool_call><function=look_up><parameter=about>\nbees\n</parameter></function></tool_call>",
    ],
)
def test_a_tool_call_in_the_text_is_read(text: str) -> None:
    left, [call] = read_calls(text)
    assert left == ""
    assert call.name == "look_up"
    assert json.loads(call.arguments) == ARGUMENTS


def test_the_words_around_a_written_call_stay() -> None:
    left, calls = read_calls(f"I will look. {CALL} One moment.")
    assert left == "I will look.  One moment."
    assert calls == [WrittenCall("look_up", json.dumps(ARGUMENTS))]


def test_two_written_calls_are_two() -> None:
    assert len(read_calls(f"{CALL}\n{CALL}")[1]) == 2
    assert len(read_calls(f"<tool_call>{CALL}</tool_call><tool_call>{CALL}</tool_call>")[1]) == 2


@pytest.mark.parametrize(
    "text",
    [
        "We are open from 9 to 18. {Ask Ann} [1] <b>",
        'In JSON, {"name": "Ann"} is an object.',
        "The set {1, 2} has two members.",
        "",
    ],
)
def test_what_is_no_call_stays(text: str) -> None:
    assert read_calls(text) == (text, [])


@pytest.mark.parametrize("text", ['{"question": "pri', '{"a": 1}', "{", '```json\n{"a": 1}\n```'])
def test_bare_json_is_for_nobody(text: str) -> None:
    assert read_calls(text) == ("", [])


async def test_reasoning_reaches_neither_the_person_nor_the_history(
    openai: OpenAIDouble, service: OpenAIService
) -> None:
    openai.dialect.thinks = "<think>They want bees.</think>\n\n"
    openai.model.will_say(Said("Let me see.", calls=[BEES]), "Hello")
    answer = await service.reply(asked())
    assert answer.text == "Hello"
    assert "They want" not in json.dumps(openai.model.asked)


async def test_chunks_without_choices_are_ignored(
    openai: OpenAIDouble, service: OpenAIService
) -> None:
    openai.dialect.has_null_choices = True
    openai.model.will_say("Hello")
    assert (await service.reply(asked())).text == "Hello"


async def test_an_answer_without_finish_reason_is_whole_once_its_end_came(
    openai: OpenAIDouble, service: OpenAIService
) -> None:
    openai.dialect.has_finish_reason = False
    openai.model.will_say("Hello")
    assert (await service.reply(asked())).text == "Hello"
    assert len(openai.model.asked) == 1


async def test_a_server_that_does_not_stream_is_read(
    openai: OpenAIDouble, service: OpenAIService
) -> None:
    openai.dialect.ignores_stream = True
    openai.model.will_say(Said(calls=[BEES]), "Bees it is.")
    answer = await service.reply(asked())
    assert answer.text == "Bees it is."
    assert answer.tokens > 0


@pytest.mark.parametrize("repeats_name", [False, True])
@pytest.mark.parametrize("index", ["own", "zero", "none"])
async def test_parallel_calls_are_told_apart(
    openai: OpenAIDouble, service: OpenAIService, index: Any, *, repeats_name: bool
) -> None:
    openai.dialect.index, openai.dialect.repeats_name = index, repeats_name
    wasps = Call("look_up", '{"about": "wasps"}')
    openai.model.will_say(Said(calls=[BEES, wasps, Call("show_menu")]), "ok")
    answer = await service.reply(asked())
    assert [call.name for call in answer.tool_calls] == ["show_menu"]
    results = [one for one in openai.model.asked[1]["messages"] if one["role"] == "tool"]
    assert [one["content"] for one in results[:2]] == ["All about bees.", "All about wasps."]
    assert len({one["tool_call_id"] for one in results}) == 3


@pytest.mark.parametrize("template", [JSON_CALL, TAGGED_CALL, "Sure! ```json\n" + JSON_CALL])
async def test_a_call_in_the_text_is_used(
    openai: OpenAIDouble, service: OpenAIService, template: str
) -> None:
    openai.dialect.written_calls = template
    openai.model.will_say(Said(calls=[BEES]), "Bees it is.")
    answer = await service.reply(asked())
    assert answer.text == "Bees it is."
    assert openai.model.asked[1]["messages"][-1]["content"] == "All about bees."


async def test_a_call_in_the_text_of_no_tool_is_not_shown(
    openai: OpenAIDouble, service: OpenAIService
) -> None:
    openai.dialect.written_calls = JSON_CALL
    openai.model.will_say(Said(calls=[Call("delete_all")]), "I cannot do that.")
    answer = await service.reply(asked())
    assert answer.text == "I cannot do that."
    assert "no such tool" in openai.model.asked[1]["messages"][-1]["content"]


def test_a_call_of_before_tools_is_read() -> None:
    answer = Completion(names=("look_up",))
    for piece in ({"name": "look_up", "arguments": ""}, {"arguments": '{"about": "bees"}'}):
        answer.add({"choices": [{"delta": {"content": None, "function_call": piece}}]})
    answer.add({"choices": [{"delta": {}, "finish_reason": "function_call"}]})
    answer.finish()
    [call] = answer.calls
    assert (call.name, call.arguments) == (BEES.name, BEES.arguments)
    assert answer.is_whole


def test_a_call_in_both_forms_is_one() -> None:
    function = {"name": "look_up", "arguments": BEES.arguments}
    numbered = {"id": "a", "index": 0, "function": function}
    both = {"function_call": function, "tool_calls": [numbered]}
    answer = Completion(names=("look_up",))
    answer.add({"choices": [{"message": both, "finish_reason": "tool_calls"}]})
    answer.finish()
    assert [(one.name, one.arguments) for one in answer.calls] == [("look_up", BEES.arguments)]


async def test_an_error_in_the_middle_of_a_stream_is_a_second_attempt(
    openai: OpenAIDouble, service: OpenAIService
) -> None:
    openai.dialect.has_error = True
    openai.model.will_say("Hello", "Hello")
    with pytest.raises(AgentUnavailable):
        await service.reply(asked())
    assert len(openai.model.asked) == 2


scalars = st.none() | st.booleans() | st.integers(-1, 3) | st.text(max_size=5)
texts = st.sampled_from(
    ["<think>", "</think>", "private", "Hello", " ", CALL, CALL[:20], CALL[20:], "<tool_call>",
     "</tool_call>", "```json", "```", "{", "}", "[", "\u2028", "<|im_end|>", "<function=look_up>"]
)  # fmt: skip
functions = st.fixed_dictionaries(
    {},
    optional={
        "name": scalars | st.sampled_from(["look_up", "show_menu"]),
        "arguments": scalars | st.sampled_from(["{}", '{"about"', ': "x"}', ARGUMENTS]),
    },
)
calls = st.fixed_dictionaries(
    {}, optional={"index": scalars, "id": scalars, "function": functions | scalars}
)
deltas = st.fixed_dictionaries(
    {},
    optional={
        "content": scalars | texts | st.lists(scalars),
        "tool_calls": st.lists(calls) | scalars,
    },
)
choices = st.fixed_dictionaries(
    {},
    optional={
        "delta": deltas | scalars,
        "message": deltas | scalars,
        "finish_reason": st.sampled_from([None, "", "stop", "tool_calls", 3]),
    },
)
events = st.fixed_dictionaries(
    {},
    optional={
        "choices": st.lists(choices | scalars, max_size=2) | scalars,
        "usage": st.fixed_dictionaries({"total_tokens": scalars}) | scalars,
        "error": scalars,
    },
)
lines = st.one_of(
    events.map(lambda event: f"data: {json.dumps(event, ensure_ascii=False)}"),
    texts.map(lambda text: "data: " + json.dumps({"choices": [{"delta": {"content": text}}]})),
    scalars.map(lambda one: f"data: {json.dumps(one)}"),
    st.sampled_from(["data: [DONE]", "data:", ": ping", "event: x", "data: {", "{}", "\ufeff"]),
)


def shows_machinery(text: str) -> bool:
    return "<think>" in text or "</think>" in text or is_json(text) or CALL in text


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(lines, max_size=8), min_size=1, max_size=3))
async def test_no_stream_raises_anything_else_or_shows_its_machinery(
    streams: list[list[str]],
) -> None:
    rest = iter(streams)

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content="\n\n".join(next(rest, streams[-1])).encode())

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        client = make_openai(api_key="k", base_url="http://model.test", http=http)
        try:
            reply = await OpenAIService(client, model="m").reply(asked())
        except AgentUnavailable:
            return
    assert not shows_machinery(reply.text)

"""The library `openai`, against the emulated Responses API: items, tools, streams, what is kept."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from openai import AsyncOpenAI, BadRequestError, NotFoundError
from pydantic import BaseModel

from emulator.openai.model import Call, Said
from emulator.openai.state import KEY
from emulator.openai.testing import OpenAIDouble

LOOK_UP: Any = {
    "type": "function",
    "name": "look_up",
    "description": "Looks something up.",
    "strict": True,
    "parameters": {
        "type": "object",
        "properties": {"word": {"type": "string"}},
        "required": ["word"],
        "additionalProperties": False,
    },
}
CALL = Call("look_up", '{"word": "table"}')


class Booking(BaseModel):
    people: int
    wishes: str


@pytest.fixture
async def client(openai: OpenAIDouble) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(api_key=KEY, base_url=openai.url, max_retries=0) as client:
        yield client


async def test_words_are_answered(client: AsyncOpenAI, openai: OpenAIDouble) -> None:
    answer = await client.responses.create(model="gpt-5", input="Hello", instructions="Be kind.")
    assert answer.output_text.endswith("you wrote: Hello")
    assert (answer.status, answer.error) == ("completed", None)
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens
    assert openai.model.asked[-1]["messages"][0] == {"role": "system", "content": "Be kind."}


async def test_pictures_and_files_are_seen(client: AsyncOpenAI) -> None:
    parts: Any = [
        {"type": "input_text", "text": "What is this?"},
        {"type": "input_image", "image_url": "https://e.org/a.png", "detail": "auto"},
    ]
    answer = await client.responses.create(
        model="gpt-5", input=[{"role": "user", "content": parts}]
    )
    assert answer.output_text.endswith("I see 1 picture(s).")


async def test_a_conversation_goes_on_from_a_response(
    client: AsyncOpenAI, openai: OpenAIDouble
) -> None:
    openai.model.will_say(Said(calls=(CALL,)), "At eight.")
    first = await client.responses.create(model="gpt-5", input="When?", tools=[LOOK_UP])
    [call] = first.output
    assert call.type == "function_call"
    result: Any = {"type": "function_call_output", "call_id": call.call_id, "output": "20:00"}
    second = await client.responses.create(
        model="gpt-5", input=[result], previous_response_id=first.id, tools=[LOOK_UP]
    )
    assert second.output_text == "At eight."
    roles = [one["role"] for one in openai.model.asked[-1]["messages"]]
    assert roles == ["user", "assistant", "tool"]


async def test_items_are_sent_back_by_those_who_keep_nothing(
    client: AsyncOpenAI, openai: OpenAIDouble
) -> None:
    openai.model.will_say(Said("Let me see.", calls=(CALL, CALL)), "Done.")
    first = await client.responses.create(
        model="gpt-5", input="When?", tools=[LOOK_UP], store=False
    )
    calls = [one for one in first.output if one.type == "function_call"]
    items: Any = [
        {"role": "user", "content": "When?"},
        {"type": "reasoning", "id": "rs_1", "summary": []},
        *(one.model_dump(exclude_none=True) for one in first.output),
        *(
            {"type": "function_call_output", "call_id": one.call_id, "output": "20:00"}
            for one in calls
        ),
    ]
    answer = await client.responses.create(model="gpt-5", input=items, tools=[LOOK_UP], store=False)
    assert answer.output_text == "Done."
    with pytest.raises(NotFoundError):
        await client.responses.retrieve(first.id)
    with pytest.raises(BadRequestError, match="No tool output found for function call"):
        await client.responses.create(model="gpt-5", input=items[:-1])
    with pytest.raises(BadRequestError, match="No tool call found for function call output"):
        await client.responses.create(model="gpt-5", input=items[-1:])


async def test_a_structured_answer_is_parsed(client: AsyncOpenAI) -> None:
    answer = await client.responses.parse(
        model="gpt-5", input="A table for two", text_format=Booking
    )
    assert answer.output_parsed is not None
    assert "A table for two" in answer.output_parsed.wishes


async def test_a_stream_tells_words_and_calls(client: AsyncOpenAI, openai: OpenAIDouble) -> None:
    openai.model.will_say(Said("One moment, please.", calls=(CALL,)))
    words, numbers, arguments = "", [], ""
    async with client.responses.stream(model="gpt-5", input="When?", tools=[LOOK_UP]) as stream:
        async for event in stream:
            numbers.append(event.sequence_number)
            if event.type == "response.output_text.delta":
                words += event.delta
            if event.type == "response.function_call_arguments.delta":
                arguments += event.delta
        final = await stream.get_final_response()
    assert (words, json.loads(arguments)) == ("One moment, please.", {"word": "table"})
    assert numbers == sorted(set(numbers))
    assert final.status == "completed"


async def test_a_stream_may_fail(client: AsyncOpenAI, openai: OpenAIDouble) -> None:
    openai.dialect.has_error = True
    events = await client.responses.create(model="gpt-5", input="Hello", stream=True)
    seen = [event.type async for event in events]
    assert seen[-1] == "error"
    assert "response.completed" not in seen


async def test_an_answer_that_is_too_long_is_incomplete(client: AsyncOpenAI) -> None:
    answer = await client.responses.create(model="gpt-5", input="Hello " * 40, max_output_tokens=16)
    assert (answer.status, len(answer.output_text)) == ("incomplete", 64)
    assert answer.incomplete_details is not None
    assert answer.incomplete_details.reason == "max_output_tokens"


async def test_a_tool_is_called_as_chosen(client: AsyncOpenAI) -> None:
    custom: Any = {"type": "custom", "name": "run_code"}
    tools = [LOOK_UP, custom, {"type": "web_search"}]
    named: Any = {"type": "function", "name": "look_up"}
    allowed: Any = {"type": "allowed_tools", "mode": "required", "tools": [custom]}
    for choice, kind in ((named, "function_call"), (allowed, "custom_tool_call")):
        answer = await client.responses.create(
            model="gpt-5", input="table", tools=tools, tool_choice=choice
        )
        assert [one.type for one in answer.output] == [kind]


async def test_responses_are_kept_read_and_deleted(client: AsyncOpenAI) -> None:
    made = await client.responses.create(model="gpt-5", input="Hello")
    assert (await client.responses.retrieve(made.id)).output_text == made.output_text
    items = [one async for one in client.responses.input_items.list(made.id)]
    assert [one.type for one in items] == ["message"]
    counted = await client.responses.input_tokens.count(model="gpt-5", input="Hello")
    assert made.usage is not None
    assert counted.input_tokens == made.usage.input_tokens
    await client.responses.delete(made.id)
    with pytest.raises(NotFoundError):
        await client.responses.retrieve(made.id)


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"input": []}, "input"),
        ({"input": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]}, "type"),
        ({"input": [{"role": "tool", "content": "x"}]}, "input[0].role"),
        ({"input": [{"type": "riddle"}]}, "input[0].type"),
        ({"temperature": 3}, "temperature"),
        ({"max_output_tokens": 1}, "max_output_tokens"),
        ({"extra_body": {"foo": 1}}, "foo"),
        ({"extra_body": {"messages": []}}, None),
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools[0].name"),
        ({"text": {"format": {"type": "json_schema"}}}, "text.format.name"),
        ({"text": {"format": {"type": "json_object"}}}, "input"),
        ({"conversation": "conv_1", "previous_response_id": "resp_1"}, None),
        ({"conversation": "thread_1"}, "conversation"),
        ({"prompt": {"id": "pmpt_1"}}, "prompt"),
        ({"metadata": {"a": 1}}, "metadata.a"),
    ],
)
async def test_a_wrong_request_names_the_parameter(
    client: AsyncOpenAI, given: dict[str, Any], param: str | None
) -> None:
    with pytest.raises(BadRequestError) as caught:
        await client.responses.create(**{"model": "gpt-5", "input": "Hello", **given})
    assert str(caught.value.param).endswith(str(param))

"""The library `openai`, against the emulated OpenAI: structured output, tools, errors."""

import json
from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest
from openai import (
    APIStatusError,
    AsyncOpenAI,
    BadRequestError,
    NotFoundError,
    pydantic_function_tool,
)
from pydantic import BaseModel, Field

from emulator.openai.state import KEY
from emulator.openai.testing import OpenAIDouble

USER: Any = [{"role": "user", "content": "Book a table for two, as json"}]


class Guest(BaseModel):
    name: str
    friends: "list[Guest]"


class Booking(BaseModel):
    """A table."""

    people: int
    place: Literal["inside", "terrace"]
    day: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$", json_schema_extra={"format": "date"})
    wishes: list[str]
    host: Guest | None
    is_birthday: bool


@pytest.fixture
async def client(openai: OpenAIDouble) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(api_key=KEY, base_url=openai.url, max_retries=0) as client:
        yield client


async def test_a_structured_answer_is_parsed(client: AsyncOpenAI) -> None:
    answer = await client.chat.completions.parse(
        model="gpt-4o", messages=USER, response_format=Booking
    )
    booking = answer.choices[0].message.parsed
    assert booking is not None
    assert (booking.place, booking.host is None) == ("inside", False)
    assert "Book a table" in booking.wishes[0]


async def test_a_structured_answer_is_streamed(client: AsyncOpenAI) -> None:
    asked = client.chat.completions.stream(model="gpt-4o", messages=USER, response_format=Booking)
    async with asked as stream:
        answer = await stream.get_final_completion()
    assert isinstance(answer.choices[0].message.parsed, Booking)


async def test_any_object_can_be_asked_for(client: AsyncOpenAI) -> None:
    form: Any = {"type": "json_object"}
    answer = await client.chat.completions.create(
        model="gpt-4o", messages=USER, response_format=form
    )
    assert (answer.choices[0].message.content or "").startswith('{"answer"')


async def test_an_object_follows_the_schema_of_the_prompt(client: AsyncOpenAI) -> None:
    prompt = f"Answer with JSON of this schema: {json.dumps(Booking.model_json_schema())}. {{hm"
    messages: Any = [{"role": "system", "content": prompt}, *USER]
    answer = await client.chat.completions.create(
        model="gpt-4o", messages=messages, response_format={"type": "json_object"}
    )
    booking = Booking.model_validate_json(answer.choices[0].message.content or "")
    assert "Book a table" in booking.wishes[0]


NAMED = {"type": "function", "function": {"name": "Guest"}}


@pytest.mark.parametrize(
    ("choice", "called"),
    [("none", []), ("auto", []), ("required", ["Booking"]), (NAMED, ["Guest"])],
)
async def test_a_tool_is_called_as_chosen(
    client: AsyncOpenAI, choice: Any, called: list[str]
) -> None:
    tools = [pydantic_function_tool(Booking), pydantic_function_tool(Guest)]
    answer = await client.chat.completions.parse(
        model="gpt-4o", messages=USER, tools=tools, tool_choice=choice
    )
    calls = answer.choices[0].message.tool_calls or []
    assert [one.function.name for one in calls] == called
    assert all(isinstance(one.function.parsed_arguments, BaseModel) for one in calls)
    if calls:
        result = {"role": "tool", "tool_call_id": calls[0].id, "content": "Done"}
        made = calls[0].model_dump(exclude={"function": {"parsed_arguments"}})
        messages = [*USER, {"role": "assistant", "tool_calls": [made]}, result]
        after = await client.chat.completions.create(model="gpt-4o", messages=messages, tools=tools)
        assert after.choices[0].message.content == "Here is what I found: Done"


async def test_a_custom_tool_takes_any_text(client: AsyncOpenAI) -> None:
    tools: Any = [{"type": "custom", "custom": {"name": "run_code"}}]
    answer = await client.chat.completions.create(
        model="gpt-4o", messages=USER, tools=tools, tool_choice="required"
    )
    [call] = answer.choices[0].message.tool_calls or []
    assert call.type == "custom"
    assert call.custom.input == USER[0]["content"]


OPEN_SCHEMA = {
    "type": "json_schema",
    "json_schema": {"name": "x", "strict": True, "schema": {"type": "object", "properties": {}}},
}
TOOL = {"type": "function", "function": {"name": "f"}}


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"temperature": 3}, "temperature"),
        ({"n": 0}, "n"),
        ({"extra_body": {"foo": 1}}, "foo"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "foo", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "tool", "tool_call_id": "1", "content": "x"}]}, "messages[0].role"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tools": [TOOL], "tool_choice": NAMED}, "tool_choice"),
        ({"tools": [{"type": "lever"}]}, "tools[0].type"),
        ({"response_format": {"type": "xml"}}, "response_format.type"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema.name"),
        ({"response_format": OPEN_SCHEMA}, "response_format"),
        ({"model": "o3", "max_tokens": 5}, "max_tokens"),
    ],
)
async def test_a_wrong_request_names_the_parameter(
    client: AsyncOpenAI, given: dict[str, Any], param: str
) -> None:
    with pytest.raises(BadRequestError) as caught:
        await client.chat.completions.create(**{"model": "gpt-4o", "messages": USER, **given})
    assert caught.value.param == param
    assert caught.value.type == "invalid_request_error"


async def test_unknown_models_and_addresses_are_not_found(
    client: AsyncOpenAI, openai: OpenAIDouble
) -> None:
    openai.state.models = frozenset({"emulated"})
    with pytest.raises(NotFoundError) as caught:
        await client.chat.completions.create(model="gpt-99", messages=USER)
    assert caught.value.code == "model_not_found"
    assert (await client.models.retrieve("emulated")).id == "emulated"
    with pytest.raises(APIStatusError) as nowhere:
        await client.get("/nowhere", cast_to=object)
    assert "Invalid URL" in nowhere.value.message


async def test_choices_stops_and_costs(client: AsyncOpenAI) -> None:
    raw = await client.chat.completions.with_raw_response.create(
        model="gpt-4o",
        messages=USER,
        n=2,
        stop=["table"],
        logprobs=True,
        top_logprobs=1,
        max_tokens=50,
    )
    answer = raw.parse()
    assert raw.headers["x-request-id"].startswith("req_")
    assert raw.headers["x-ratelimit-remaining-requests"]
    assert [one.index for one in answer.choices] == [0, 1]
    assert (answer.choices[0].message.content or "").endswith("wrote: Book a ")
    assert answer.choices[0].logprobs is not None
    assert answer.usage is not None
    assert answer.usage.prompt_tokens_details is not None
    picture = {"type": "image_url", "image_url": {"url": "https://e.org/a.png"}}
    seen: Any = [{"role": "user", "content": [{"type": "text", "text": "?"}, picture]}]
    dearer = await client.chat.completions.create(model="gpt-4o", messages=seen)
    assert dearer.usage is not None
    assert dearer.usage.prompt_tokens > 80


async def test_embeddings_are_the_same_for_the_same_text(client: AsyncOpenAI) -> None:
    answer = await client.embeddings.create(model="text-embedding-3-small", input=["a", "b", "a"])
    first, second, third = (one.embedding for one in answer.data)
    assert first == third != second
    assert len(first) == 1536

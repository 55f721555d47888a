"""The library `openai` and agents of pydantic-ai, against the emulated conversations."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from openai import AsyncOpenAI, BadRequestError, NotFoundError
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIResponsesModel, OpenAIResponsesModelSettings
from pydantic_ai.providers.openai import OpenAIProvider

from emulator.openai.model import Call, Said
from emulator.openai.state import KEY
from emulator.openai.testing import OpenAIDouble

LOOK_UP: Any = {"type": "function", "name": "look_up", "parameters": {"type": "object"}}
HELLO: Any = {"role": "user", "content": "Hello"}


@pytest.fixture
async def client(openai: OpenAIDouble) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(api_key=KEY, base_url=openai.url, max_retries=0) as client:
        yield client


async def kinds(client: AsyncOpenAI, conversation_id: str) -> list[str]:
    listed = client.conversations.items.list(conversation_id, order="asc", limit=2)
    return [one.type async for one in listed]


async def test_a_conversation_is_created_read_changed_and_deleted(client: AsyncOpenAI) -> None:
    made = await client.conversations.create(metadata={"topic": "tables"})
    assert (await client.conversations.retrieve(made.id)) == made
    changed = await client.conversations.update(made.id, metadata={"topic": "chairs"})
    assert changed.metadata == {"topic": "chairs"}
    gone = await client.conversations.delete(made.id)
    assert (gone.id, gone.deleted, gone.object) == (made.id, True, "conversation.deleted")
    with pytest.raises(NotFoundError, match=made.id):
        await client.conversations.retrieve(made.id)


async def test_items_are_added_read_and_deleted(client: AsyncOpenAI) -> None:
    made = await client.conversations.create(items=[HELLO])
    added = await client.conversations.items.create(made.id, items=[HELLO, HELLO, HELLO])
    assert [one.type for one in added.data] == ["message"] * 3
    listed = [one async for one in client.conversations.items.list(made.id, limit=3)]
    assert [one.id for one in listed[:3]] == [one.id for one in reversed(added.data)]
    last = listed[0].id
    assert last is not None
    found = await client.conversations.items.retrieve(last, conversation_id=made.id)
    assert found == listed[0]
    await client.conversations.items.delete(last, conversation_id=made.id)
    assert await kinds(client, made.id) == ["message"] * 3
    with pytest.raises(NotFoundError):
        await client.conversations.items.retrieve(last, conversation_id=made.id)


@pytest.mark.parametrize("streams", [False, True])
async def test_a_response_reads_its_conversation_and_adds_to_it(
    client: AsyncOpenAI, openai: OpenAIDouble, *, streams: bool
) -> None:
    openai.model.will_say(Said(calls=(Call("look_up", "{}"),)), "At eight.")
    made = await client.conversations.create(items=[HELLO])
    asked: Any = {"model": "gpt-5", "conversation": made.id, "tools": [LOOK_UP]}
    if streams:
        async with client.responses.stream(input="When?", **asked) as stream:
            first: Any = await stream.get_final_response()
    else:
        first = await client.responses.create(input="When?", **asked)
    assert first.conversation is not None
    assert first.conversation.id == made.id
    with pytest.raises(BadRequestError, match="No tool output found"):
        await client.responses.create(input="Hello?", **asked)
    call_id = first.output[-1].call_id
    result: Any = [{"type": "function_call_output", "call_id": call_id, "output": "20:00"}]
    asked["conversation"] = {"id": made.id}
    second = await client.responses.create(input=result, **asked)
    assert second.output_text == "At eight."
    heard = [one["role"] for one in openai.model.asked[-1]["messages"]]
    assert heard == ["user", "user", "assistant", "tool"]
    spoken = ["message", "message", "function_call", "function_call_output", "message"]
    assert await kinds(client, made.id) == spoken


async def test_a_conversation_of_no_one_is_refused(client: AsyncOpenAI) -> None:
    with pytest.raises(NotFoundError, match="conv_1"):
        await client.responses.create(model="gpt-5", input="Hello", conversation="conv_1")
    made = await client.conversations.create()
    for wrong in ({"items": [HELLO] * 21}, {"items": [{"type": "riddle"}]}, {"items": "Hello"}):
        with pytest.raises(BadRequestError) as caught:
            await client.conversations.items.create(made.id, **wrong)
        assert str(caught.value.param).startswith("items")
    with pytest.raises(BadRequestError, match="topic"):
        await client.conversations.update(made.id, metadata={"topic": "x" * 513})
    with pytest.raises(NotFoundError):
        await client.conversations.items.list(made.id, after="msg_1")


async def test_an_agent_keeps_its_memory_in_a_conversation(
    client: AsyncOpenAI, openai: OpenAIDouble
) -> None:
    made = await client.conversations.create()
    model = OpenAIResponsesModel("gpt-5", provider=OpenAIProvider(openai_client=client))
    settings = OpenAIResponsesModelSettings(openai_conversation_id=made.id)
    agent = Agent(model, model_settings=settings)
    await agent.run("I am Ana.")
    await agent.run("Who am I?")
    roles = [one["role"] for one in openai.model.asked[-1]["messages"]]
    assert roles == ["user", "assistant", "user"]

"""Agents of pydantic-ai against the emulated OpenAI: chats, responses, tools, outputs, streams."""

from collections.abc import AsyncIterator

import pytest
from openai import AsyncOpenAI
from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput, ToolOutput
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.models import Model
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider

from emulator.openai.model import Call, Said
from emulator.openai.state import KEY
from emulator.openai.testing import OpenAIDouble


class Booking(BaseModel):
    people: int
    wishes: str


@pytest.fixture(params=["chat", "responses"])
async def model(request: pytest.FixtureRequest, openai: OpenAIDouble) -> AsyncIterator[Model]:
    async with AsyncOpenAI(api_key=KEY, base_url=openai.url, max_retries=0) as client:
        provider = OpenAIProvider(openai_client=client)
        kind = OpenAIChatModel if request.param == "chat" else OpenAIResponsesModel
        yield kind("gpt-5", provider=provider)


async def test_an_agent_answers_and_remembers(model: Model, openai: OpenAIDouble) -> None:
    agent = Agent(model, instructions="Be kind.")
    first = await agent.run("Hello")
    assert first.output.endswith("you wrote: Hello")
    assert first.usage.input_tokens
    await agent.run("And now?", message_history=first.all_messages())
    roles = [one["role"] for one in openai.model.asked[-1]["messages"]]
    assert [one for one in roles if one not in ("system", "developer")] == [
        "user",
        "assistant",
        "user",
    ]


async def test_an_agent_uses_a_tool(model: Model, openai: OpenAIDouble) -> None:
    agent = Agent(model)
    asked: list[str] = []

    @agent.tool_plain
    def look_up(word: str) -> str:
        """Look something up."""
        asked.append(word)
        return "20:00"

    openai.model.will_say(Said(calls=(Call("look_up", '{"word": "opening"}'),)), "At eight.")
    assert (await agent.run("When?")).output == "At eight."
    assert asked == ["opening"]


@pytest.mark.parametrize("way", [NativeOutput, ToolOutput])
async def test_an_output_has_its_type(
    model: Model, way: type[NativeOutput[Booking]] | type[ToolOutput[Booking]]
) -> None:
    agent: Agent[None, Booking] = Agent(model, output_type=way(Booking))
    answer = await agent.run("A table for two, please")
    assert "A table for two" in answer.output.wishes


async def test_an_answer_is_streamed(model: Model) -> None:
    async with Agent(model).run_stream("Hello") as answer:
        pieces = [one async for one in answer.stream_text(delta=True, debounce_by=None)]
    assert len(pieces) > 1
    assert "".join(pieces).endswith("you wrote: Hello")


async def test_a_refusal_has_its_status(model: Model, openai: OpenAIDouble) -> None:
    openai.trouble.refusal = 429
    with pytest.raises(ModelHTTPError) as caught:
        await Agent(model).run("Hello")
    assert caught.value.status_code == 429

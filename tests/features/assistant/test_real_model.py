"""Any server that speaks OpenAI's API: `pytest -m real_llm`, with OPENAI_BASE_URL and the others.

What a model says is its own affair; that it is asked and understood rightly is ours.
"""

import os
from collections.abc import AsyncIterator

import pytest
from tests.clients.test_open_ai_service import TOOLS

from services.agent import AgentRequest, ChatTurn
from services.clients.http import make_http_client
from services.open_ai_service import OpenAIService, make_openai

BASE_URL = os.environ.get("OPENAI_BASE_URL")
pytestmark = [
    pytest.mark.real_llm,
    pytest.mark.skipif(BASE_URL is None, reason="needs OPENAI_BASE_URL"),
]


@pytest.fixture
async def service() -> AsyncIterator[OpenAIService]:
    async with make_http_client() as http:
        key = os.environ.get("OPENAI_API_KEY", "none")
        client = make_openai(api_key=key, base_url=BASE_URL or "", http=http)
        yield OpenAIService(client, model=os.environ.get("OPENAI_MODEL", "default"))


async def test_a_question_is_answered(service: OpenAIService) -> None:
    answer = await service.reply(
        AgentRequest("Answer in one short sentence.", (), "What is two and two?")
    )
    assert answer.text


async def test_a_conversation_goes_on(service: OpenAIService) -> None:
    history = [ChatTurn("user", "My name is Ana."), ChatTurn("assistant", "Hello Ana.")]
    answer = await service.reply(
        AgentRequest("Answer in one short sentence.", history, "Who am I?")
    )
    assert answer.text


async def test_tools_may_be_offered(service: OpenAIService) -> None:
    asked = AgentRequest("Be brief.", (), "Show me the menu, please.", tools=tuple(TOOLS))
    answer = await service.reply(asked)
    assert answer.text or answer.tool_calls

"""The check of the model that talks with callers."""

import httpx
import pytest

from domain.checks import Result
from emulator.openai.state import KEY
from emulator.openai.testing import OpenAIDouble
from features.assistant.settings import AssistantSettings
from features.call_assistant.doctor import check_talker
from features.call_assistant.settings import CallAssistantSettings


@pytest.mark.parametrize(
    ("models", "is_used", "result", "said"),
    [
        ({"gpt-realtime-2.1-mini"}, True, Result.OK, "talks with callers"),
        ({"gpt-realtime-3", "gpt-5"}, True, Result.WARN, "It has: gpt-realtime-3."),
        ({"gpt-5"}, False, Result.SKIP, "no realtime model"),
    ],
)
async def test_the_server_has_the_model(
    openai: OpenAIDouble, models: set[str], is_used: bool, result: Result, said: str
) -> None:
    openai.state.models = frozenset(models)
    given = {"openai_api_key": KEY, "openai_base_url": openai.url}
    async with httpx.AsyncClient() as http:
        found = await check_talker(
            http,
            AssistantSettings.model_validate(given),
            CallAssistantSettings(),
            is_used=is_used,
        )
    assert found.result is result
    assert said in found.said

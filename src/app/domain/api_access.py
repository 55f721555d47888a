"""The APIs of the settings, for scripts: each call opens what it needs and closes it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from app.composition.features import settings_models
from config.env import load_part
from services.agent import AgentUnavailable
from services.clients.http import make_http_client
from services.open_ai_service import OpenAIService, make_openai


@asynccontextmanager
async def openai_service() -> AsyncIterator[OpenAIService]:
    """Yield OpenAI's API with OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL.

    Raises AgentUnavailable without a key, or without the feature that reads it.
    """
    model = next((one for one in settings_models() if "openai_api_key" in one.model_fields), None)
    found = {} if model is None else dict(load_part(model))
    key = found.get("openai_api_key")
    if not isinstance(key, SecretStr):
        raise AgentUnavailable("OPENAI_API_KEY is not set")
    async with make_http_client() as http:
        client = make_openai(
            api_key=key.get_secret_value(), base_url=found["openai_base_url"], http=http
        )
        yield OpenAIService(client, model=found["openai_model"])

"""The model of the settings."""

import httpx

from features.assistant.settings import AssistantSettings
from services.open_ai_service import OpenAIService, make_openai


def openai_service(
    settings: AssistantSettings, http: httpx.AsyncClient, **models: str
) -> OpenAIService | None:
    """Return the API with more models, by their parameters; None without a key."""
    if settings.openai_api_key is None:
        return None
    client = make_openai(
        api_key=settings.openai_api_key.get_secret_value(),
        base_url=settings.openai_base_url,
        http=http,
    )
    return OpenAIService(
        client,
        model=settings.openai_model,
        answer_tokens=settings.openai_answer_tokens,
        moderation_model=settings.openai_moderation_model,
        **models,
    )

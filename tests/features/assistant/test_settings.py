"""Settings of the assistant."""

from tests.fakes.bot import make_settings
from tests.fakes.written_settings import load

from features.assistant.settings import AssistantSettings


def test_in_development_a_placeholder_of_the_key_counts_as_not_set() -> None:
    settings = load(ENVIRONMENT="development", OPENAI_API_KEY="your_openai_key")
    assert settings.of(AssistantSettings).openai_api_key is None


def test_a_model_may_be_given_by_its_field() -> None:
    assert make_settings(openai_model="small").of(AssistantSettings).openai_model == "small"

"""Settings of the assistant."""

from datetime import timedelta
from typing import ClassVar

from pydantic import Field, NonNegativeInt, PositiveInt
from pydantic_settings import SettingsConfigDict

from utils.setting_types import Key, SettingsModel, Url

#: Name of the emulator's model, which `watch.py run --assistant` sets.
EMULATED_MODEL = "emulated"


class AssistantSettings(SettingsModel):
    """Which language model answers free text, and how much it may use."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        title="Assistant: a language model answers free text"
    )

    openai_api_key: Key | None = Field(
        None, description="API key; turns the assistant on. Any OpenAI-compatible server works."
    )
    openai_base_url: Url = Field(
        "https://api.openai.com/v1", description="Address of the OpenAI-compatible server."
    )
    openai_model: str = Field("gpt-5.6-luna", description="Model that answers free text.")
    openai_moderation_model: str | None = Field(
        None,
        description="Model that checks questions, such as omni-moderation-latest; empty: no check.",
    )
    openai_answer_tokens: NonNegativeInt = Field(
        8000, description="Longest answer in tokens, with the model's thinking; 0: no limit."
    )
    openai_history_tokens: PositiveInt = Field(
        2000, description="Tokens of earlier messages that the model gets; older ones: a summary."
    )
    openai_history_hours: PositiveInt = Field(
        24, description="Hours without a message until a conversation starts anew."
    )
    openai_daily_tokens_per_person: NonNegativeInt = Field(
        50_000, description="Tokens that one user may use per day (UTC); 0: no limit."
    )
    openai_daily_tokens: NonNegativeInt = Field(
        2_000_000, description="Tokens that all users together may use per day (UTC); 0: no limit."
    )

    @property
    def answers_by(self) -> str:
        """Who answers free text, for the banner of development."""
        if self.openai_api_key is None:
            return (
                "answers from the FAQ (a model: OPENAI_API_KEY, or --assistant for an emulated one)"
            )
        if self.openai_model == EMULATED_MODEL:
            return "embedded emulator"
        return f"{self.openai_model} at {self.openai_base_url}"

    @property
    def history_age(self) -> timedelta:
        """Silence after which a conversation starts anew."""
        return timedelta(hours=self.openai_history_hours)


SETTINGS = AssistantSettings

"""Settings of voice replies."""

from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from utils.setting_types import SettingsModel


class VoiceRepliesSettings(SettingsModel):
    """Which model speaks, and with which voice."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        title="Voice replies: a voice note is answered with one (needs OPENAI_API_KEY)"
    )

    openai_speech_model: str | None = Field(
        None,
        description="Model that speaks: gpt-realtime-2.1-mini, or one of another server's "
        "/audio/speech; empty: replies are text.",
    )
    openai_voice: str = Field("marin", description="Voice of that model.")


SETTINGS = VoiceRepliesSettings

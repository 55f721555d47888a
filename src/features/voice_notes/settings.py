"""Settings of voice notes."""

from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from utils.setting_types import OptionalModel, SettingsModel


class VoiceNotesSettings(SettingsModel):
    """Which model transcribes voice notes."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        title="Voice notes: transcribed, then handled as text (needs OPENAI_API_KEY)"
    )

    openai_transcription_model: OptionalModel = Field(
        "gpt-transcribe", description="Model that transcribes voice notes; none: no transcription."
    )
    quote_transcripts: bool = Field(
        True, description="true shows users the transcript of their voice note."
    )


SETTINGS = VoiceNotesSettings

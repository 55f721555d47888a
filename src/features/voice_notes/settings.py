"""Settings of voice notes."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field
from pydantic_settings import SettingsConfigDict

from utils.setting_types import SettingsModel


def _unless_none(value: str) -> str:
    """Return an empty string for the word none: an empty value means the default."""
    return "" if value.lower() == "none" else value


class VoiceNotesSettings(SettingsModel):
    """Which model transcribes voice notes."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        title="Voice notes: transcribed, then handled as text (needs OPENAI_API_KEY)"
    )

    openai_transcription_model: Annotated[str, AfterValidator(_unless_none)] = Field(
        "gpt-transcribe", description="Model that transcribes voice notes; none: no transcription."
    )
    quote_transcripts: bool = Field(
        True, description="true shows users the transcript of their voice note."
    )


SETTINGS = VoiceNotesSettings

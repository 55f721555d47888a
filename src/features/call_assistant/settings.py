"""Settings of the assistant in voice calls."""

from datetime import timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, NonNegativeInt, PositiveInt
from pydantic_settings import SettingsConfigDict

from utils.setting_types import SettingsModel


def _unless_none(value: str) -> str:
    """Return an empty string for the word none: an empty value means the default."""
    return "" if value.lower() == "none" else value


class CallAssistantSettings(SettingsModel):
    """How the assistant talks with callers, what that may cost, and what is kept of it."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        title="Assistant in voice calls (needs CALLS_ENABLED and OPENAI_API_KEY; docs/calls.md)"
    )

    call_talker: Literal["auto", "realtime", "pipeline", "menu"] = Field(
        "auto",
        description=(
            "How callers are answered: by a realtime model, by a pipeline of transcription, model "
            "and speech, or by the spoken menu; auto: the first of them that works."
        ),
    )
    call_realtime_model: Annotated[str, AfterValidator(_unless_none)] = Field(
        "gpt-realtime-2.1-mini", description="Model that hears and speaks; none: no such model."
    )
    call_realtime_url: str = Field(
        "", description="Address of the Realtime API; empty: OPENAI_BASE_URL with /realtime."
    )
    call_voice: str = Field("marin", description="Voice of the models.")
    call_transcription_model: Annotated[str, AfterValidator(_unless_none)] = Field(
        "gpt-transcribe", description="Model that writes down what callers say; none: nothing does."
    )
    call_speech_model: str = Field(
        "", description="Model that speaks in the pipeline; empty: espeak-ng does."
    )
    call_tokens: NonNegativeInt = Field(
        30_000,
        description="Tokens that one call may use; then the spoken menu goes on; 0: no limit.",
    )
    call_transcripts: Literal["full", "summary", "off"] = Field(
        "full",
        description="What is kept of what was said: all of it, a summary, or nothing.",
    )
    call_transcript_days: PositiveInt = Field(
        30, description="Days for which transcripts and summaries of calls are kept."
    )

    @property
    def keeps_words(self) -> bool:
        """Whether anything of what was said is kept."""
        return self.call_transcripts != "off"

    @property
    def kept_for(self) -> timedelta:
        """Time for which transcripts and summaries are kept."""
        return timedelta(days=self.call_transcript_days)


SETTINGS = CallAssistantSettings

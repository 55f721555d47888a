"""Voice replies: the assistant answers voice notes by voice."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from features.assistant.feature import Assistant
from features.voice_replies.settings import VoiceRepliesSettings
from services.agent import AgentUnavailable
from services.feature import Feature, Parts
from services.open_ai_service import MAX_SPEECH_BYTES, OpenAIService
from utils.byte_budget import ByteBudget, NoRoom

#: Memory that a recording takes while it is made and uploaded, as a multiple of its size.
COPIES_OF_SPEECH = 2


@dataclass(frozen=True, slots=True)
class UploadingSynthesizer:
    """Speaks a text, and uploads the recording to Meta."""

    openai: OpenAIService
    upload: Callable[[bytes], Awaitable[str]]
    memory: ByteBudget

    async def synthesize(self, text: str) -> str:
        """Return Meta's id of the recording. Raise AgentUnavailable without memory for it."""
        try:
            async with self.memory.hold(MAX_SPEECH_BYTES * COPIES_OF_SPEECH):
                return await self.upload(await self.openai.synthesize(text))
        except NoRoom as error:
            raise AgentUnavailable("no memory for a recording") from error


class VoiceReplies(Feature):
    """Answers to voice notes are spoken, where a speech model is set."""

    name = "voice_replies"
    summary = "the assistant answers voice notes by voice"
    page = "docs/assistant.md"
    needs = ("assistant",)

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts)
        settings: VoiceRepliesSettings = parts.settings_of(VoiceRepliesSettings)
        assistant = parts.feature(Assistant)
        if settings.openai_speech_model is None:
            return
        openai = assistant.make_openai_service(
            speech_model=settings.openai_speech_model, voice=settings.openai_voice
        )
        if openai is not None:
            upload = partial(parts.whatsapp.upload_media, mime_type="audio/ogg")
            assistant.speak_with(UploadingSynthesizer(openai, upload, assistant.file_memory))


FEATURE = VoiceReplies

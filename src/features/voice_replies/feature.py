"""Voice replies: the assistant answers voice notes by voice."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from features.assistant.feature import Assistant
from features.voice_replies.realtime_speech import REALTIME, RealtimeSpeaker
from features.voice_replies.settings import VoiceRepliesSettings
from services.agent import AgentUnavailable
from services.feature import Feature, Parts
from services.open_ai_service import MAX_SPEECH_BYTES
from utils.byte_budget import ByteBudget, NoRoom

#: Returns a text as a voice note. Raises AgentUnavailable.
Speak = Callable[[str], Awaitable[bytes]]
#: Memory that a recording takes while it is made and uploaded, as a multiple of its size.
COPIES_OF_SPEECH = 2


@dataclass(frozen=True, slots=True)
class UploadingSynthesizer:
    """Speaks a text, and uploads the recording to Meta."""

    speak: Speak
    upload: Callable[[bytes], Awaitable[str]]
    memory: ByteBudget

    async def synthesize(self, text: str) -> str:
        """Return Meta's id of the recording. Raise AgentUnavailable without memory for it."""
        try:
            async with self.memory.hold(MAX_SPEECH_BYTES * COPIES_OF_SPEECH):
                return await self.upload(await self.speak(text))
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
        speak = _speech(assistant, settings.openai_speech_model, settings.openai_voice)
        if speak is not None:
            upload = partial(parts.whatsapp.upload_media, mime_type="audio/ogg")
            assistant.speak_with(UploadingSynthesizer(speak, upload, assistant.file_memory))


def _speech(assistant: Assistant, model: str, voice: str) -> Speak | None:
    """Return what speaks: a realtime model, or one of a server's speech; None without a key."""
    settings = assistant.settings
    if model.startswith(REALTIME) and settings.openai_api_key is not None:
        url = str(settings.openai_base_url)
        return RealtimeSpeaker(url, settings.openai_api_key, model, voice).speak
    openai = assistant.make_openai_service(speech_model=model, voice=voice)
    return None if openai is None else openai.synthesize


FEATURE = VoiceReplies

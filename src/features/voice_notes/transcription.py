"""Voice notes as text: fetched, converted where OpenAI does not read them, transcribed."""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Protocol

from loguru import logger

from domain.inbound import Attachment
from features.assistant.media import MediaFetcher, UnreadableMedia
from features.assistant.media_sandbox.pool import SandboxPool, UnreadableFile
from services.agent import AgentUnavailable
from services.clients.cloud_api.errors import WhatsAppError

#: WhatsApp's own limit.
MAX_RECORDING_BYTES = 16 * 1024 * 1024
#: By the type of a recording, the end of the file name by which OpenAI knows it.
FILE_ENDINGS = {
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/wav": "wav",
    "audio/webm": "webm",
}
UNREADABLE = "voice_notes.unheard"


class Transcriber(Protocol):
    """Turns speech into text."""

    def transcribe(self, content: bytes, *, name: str, mime_type: str) -> Awaitable[str]:
        """Return what is said. Raise AgentUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class VoiceNoteTranscriber:
    """Transcribes recordings of people. Nothing of them is kept."""

    files: MediaFetcher
    transcriber: Transcriber
    sandbox: SandboxPool = field(default_factory=SandboxPool)

    async def transcribe(self, attachment: Attachment) -> str:
        """Return what is said in a recording. Raise UnreadableMedia."""
        content, mime_type = await self._fetch(attachment), attachment.plain_type
        try:
            if mime_type not in FILE_ENDINGS:  # AMR and AAC, which OpenAI does not read
                content, mime_type = await self.sandbox.read("ogg", content), "audio/ogg"
            name = f"voice.{FILE_ENDINGS[mime_type]}"
            text = await self.transcriber.transcribe(content, name=name, mime_type=mime_type)
        except (UnreadableFile, AgentUnavailable) as error:
            logger.warning("a voice note was not transcribed: {}", error)
            raise UnreadableMedia(UNREADABLE) from error
        if not text:
            raise UnreadableMedia(UNREADABLE)
        return text

    async def _fetch(self, attachment: Attachment) -> bytes:
        try:
            return await self.files.fetch(attachment.media_id, most=MAX_RECORDING_BYTES)
        except WhatsAppError as error:
            logger.warning("a voice note was not fetched: {}", error)
            raise UnreadableMedia(UNREADABLE) from error

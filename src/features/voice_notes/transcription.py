"""Voice notes as text: fetched, converted where OpenAI does not read them, transcribed."""

from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from loguru import logger

from domain.inbound import Attachment
from features.assistant.media import MediaFetcher, UnreadableMedia
from features.assistant.media_sandbox.pool import SandboxPool, UnreadableFile
from features.assistant.memory import room_for
from services.agent import AgentUnavailable
from services.clients.cloud_api.errors import WhatsAppError
from utils.byte_budget import ByteBudget
from utils.visible_text import is_blank

#: WhatsApp's own limit.
MAX_RECORDING_BYTES = 16 * 1024 * 1024
#: Memory that a recording takes while it is transcribed, as a multiple of its size: the file, a
#: converted one, and what the connection has still to send.
COPIES_OF_RECORDING = 3
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
    memory: ByteBudget
    sandbox: SandboxPool = field(default_factory=SandboxPool)

    async def transcribe(self, attachment: Attachment) -> str:
        """Return what is said in a recording. Raise UnreadableMedia, or Snooze without memory."""
        async with room_for(self.memory, [partial(self._memory, attachment)]):
            return await self._transcribe(attachment)

    async def _transcribe(self, attachment: Attachment) -> str:
        content, mime_type = await self._fetch(attachment), attachment.plain_type
        try:
            if mime_type not in FILE_ENDINGS:  # AMR and AAC, which OpenAI does not read
                content, mime_type = await self.sandbox.read("ogg", content), "audio/ogg"
            name = f"voice.{FILE_ENDINGS[mime_type]}"
            text = await self.transcriber.transcribe(content, name=name, mime_type=mime_type)
        except (UnreadableFile, AgentUnavailable) as error:
            logger.warning("a voice note was not transcribed: {}", error)
            raise UnreadableMedia(UNREADABLE) from error
        if is_blank(text):
            raise UnreadableMedia(UNREADABLE)
        return text

    async def _memory(self, attachment: Attachment) -> int:
        with _unreadable():
            size = await self.files.size(attachment.media_id, most=MAX_RECORDING_BYTES)
        return size * COPIES_OF_RECORDING

    async def _fetch(self, attachment: Attachment) -> bytes:
        with _unreadable():
            return await self.files.fetch(attachment.media_id, most=MAX_RECORDING_BYTES)


@contextmanager
def _unreadable() -> Iterator[None]:
    try:
        yield
    except WhatsAppError as error:
        logger.warning("a voice note was not fetched: {}", error)
        raise UnreadableMedia(UNREADABLE) from error

"""What a person sent besides words, made fit for a model: speech as text, papers as text."""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Protocol

from loguru import logger

from domain.inbound import Attachment
from services.clients.cloud_api.errors import WhatsAppError
from services.conversations.agent import AgentUnavailable, Picture
from utils.media_sandbox.pdf_text import MAX_DOCUMENT_CHARS
from utils.media_sandbox.pool import SandboxPool, UnreadableFile

MEGABYTE = 1024 * 1024
#: WhatsApp takes recordings of up to 16 MB; pictures and papers cost the model by their size.
LONGEST_RECORDING, LARGEST_PICTURE, LARGEST_PAPER = 16 * MEGABYTE, 5 * MEGABYTE, 10 * MEGABYTE
PICTURES = frozenset({"image/jpeg", "image/png", "image/webp"})
#: By the type of a recording, the end of the name that OpenAI tells it by.
NAMES = {
    "audio/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/wav": "wav",
    "audio/webm": "webm",
}


class UnreadableMedia(Exception):
    """Carries the key of the text that tells the person why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class MediaFetcher(Protocol):
    def fetch(self, media_id: str, *, most: int) -> Awaitable[bytes]: ...


class Transcriber(Protocol):
    def transcribe(self, content: bytes, *, name: str, mime_type: str) -> Awaitable[str]: ...


@dataclass(frozen=True, slots=True)
class MediaReader:
    """Reads files of people. Nothing of them is kept."""

    files: MediaFetcher
    ears: Transcriber
    readers: SandboxPool = field(default_factory=SandboxPool)

    async def hear(self, attachment: Attachment) -> str:
        """What is said in a recording; raises Unreadable."""
        content = await self._fetch(attachment, LONGEST_RECORDING, "unheard")
        mime_type = attachment.plain_type
        try:
            if mime_type not in NAMES:  # AMR and AAC, which OpenAI does not read
                content, mime_type = await self.readers.read("ogg", content), "audio/ogg"
            name = f"voice.{NAMES[mime_type]}"
            text = await self.ears.transcribe(content, name=name, mime_type=mime_type)
        except (UnreadableFile, AgentUnavailable) as error:
            logger.warning("a recording was not understood: {}", error)
            raise UnreadableMedia("media.unheard") from error
        if not text:
            raise UnreadableMedia("media.unheard")
        return text

    async def look(self, attachment: Attachment) -> Picture:
        """A picture; raises Unreadable."""
        if attachment.plain_type not in PICTURES:
            raise UnreadableMedia("media.unseen")
        content = await self._fetch(attachment, LARGEST_PICTURE, "unseen")
        return Picture(attachment.plain_type, content)

    async def read(self, attachment: Attachment) -> str:
        """The text of a paper, of its first pages; raises Unreadable."""
        if attachment.plain_type not in ("application/pdf", "text/plain"):
            raise UnreadableMedia("media.unread")
        content = await self._fetch(attachment, LARGEST_PAPER, "unread")
        if attachment.plain_type == "text/plain":
            return content.decode("utf-8", "replace")[:MAX_DOCUMENT_CHARS]
        try:
            text = (await self.readers.read("pdf", content)).decode()
        except UnreadableFile as error:
            logger.warning("a document was not read: {}", error)
            raise UnreadableMedia("media.unread") from error
        if not text.strip():  # a scan
            raise UnreadableMedia("media.unread")
        return text

    async def _fetch(self, attachment: Attachment, most: int, key: str) -> bytes:
        try:
            return await self.files.fetch(attachment.media_id, most=most)
        except WhatsAppError as error:
            logger.warning("a file of a person is not used: {}", error)
            raise UnreadableMedia(f"media.{key}") from error

"""Pictures and documents of people, made fit for a model."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from loguru import logger

from domain.inbound import Attachment
from features.assistant.media import MediaFetcher, UnreadableMedia
from features.assistant.media_sandbox.pdf_text import MAX_DOCUMENT_CHARS
from features.assistant.media_sandbox.pool import SandboxPool, UnreadableFile
from services.agent import COPIES_OF_PICTURE, Picture
from services.clients.cloud_api.errors import WhatsAppError

MEGABYTE = 1024 * 1024
#: Largest files that are read: they cost the model by their size.
MAX_PICTURE_BYTES, MAX_DOCUMENT_BYTES = 5 * MEGABYTE, 10 * MEGABYTE
#: Memory that a document takes while it is read, as a multiple of its size: the file, and what its
#: reader, a process of its own, has still to get.
COPIES_OF_DOCUMENT = 2
PICTURE_TYPES = frozenset({"image/jpeg", "image/png", "image/webp"})
DOCUMENT_TYPES = frozenset({"application/pdf", "text/plain"})


@dataclass(frozen=True, slots=True)
class MediaReader:
    """Reads files of people. Nothing of them is kept."""

    files: MediaFetcher
    sandbox: SandboxPool = field(default_factory=SandboxPool)

    async def memory(self, attachment: Attachment) -> int:
        """Return the bytes of memory that a file takes until it is answered. Raise UnreadableMedia.

        A type that is not read takes none.
        """
        if attachment.plain_type not in PICTURE_TYPES | DOCUMENT_TYPES:
            return 0
        if attachment.kind == "document":
            size = await self._size(attachment, MAX_DOCUMENT_BYTES, "attachments.unread")
            return size * COPIES_OF_DOCUMENT
        size = await self._size(attachment, MAX_PICTURE_BYTES, "attachments.unseen")
        return size * COPIES_OF_PICTURE

    async def read(self, attachment: Attachment) -> str | Picture:
        """Return the text of a document, or a picture. Raise UnreadableMedia."""
        if attachment.kind == "document":
            return await self.document_text(attachment)
        return await self.image(attachment)

    async def image(self, attachment: Attachment) -> Picture:
        """Return a picture. Raise UnreadableMedia."""
        if attachment.plain_type not in PICTURE_TYPES:
            raise UnreadableMedia("attachments.unseen")
        content = await self._fetch(attachment, MAX_PICTURE_BYTES, "attachments.unseen")
        return Picture(attachment.plain_type, content)

    async def document_text(self, attachment: Attachment) -> str:
        """Return the text of the first pages of a document. Raise UnreadableMedia."""
        if attachment.plain_type not in DOCUMENT_TYPES:
            raise UnreadableMedia("attachments.unread")
        content = await self._fetch(attachment, MAX_DOCUMENT_BYTES, "attachments.unread")
        if attachment.plain_type == "text/plain":
            return content.decode("utf-8", "replace")[:MAX_DOCUMENT_CHARS]
        try:
            text = (await self.sandbox.read("pdf", content)).decode()
        except UnreadableFile as error:
            logger.warning("a document was not read: {}", error)
            raise UnreadableMedia("attachments.unread") from error
        if not text.strip():  # a scan
            raise UnreadableMedia("attachments.unread")
        return text

    async def _size(self, attachment: Attachment, max_bytes: int, key: str) -> int:
        with _unreadable(key):
            return await self.files.size(attachment.media_id, most=max_bytes)

    async def _fetch(self, attachment: Attachment, max_bytes: int, key: str) -> bytes:
        with _unreadable(key):
            return await self.files.fetch(attachment.media_id, most=max_bytes)


@contextmanager
def _unreadable(key: str) -> Iterator[None]:
    try:
        yield
    except WhatsAppError as error:
        logger.warning("a file of a person is not used: {}", error)
        raise UnreadableMedia(key) from error

"""Pictures and documents of people, made fit for a model."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from loguru import logger

from domain.inbound import Attachment
from features.assistant.media import MediaFetcher, UnreadableMedia
from features.assistant.media_sandbox.pdf_text import MAX_DOCUMENT_CHARS
from features.assistant.media_sandbox.pool import SandboxPool, UnreadableFile, Work
from features.attachments.file_types import (
    HEIC,
    PDF,
    PICTURE_TYPES,
    decode,
    is_document,
    is_picture,
    type_of,
)
from services.agent import COPIES_OF_PICTURE, Picture
from services.clients.cloud_api.errors import WhatsAppError

MEGABYTE = 1024 * 1024
#: Largest files that are read: they cost the model by their size.
MAX_PICTURE_BYTES, MAX_DOCUMENT_BYTES = 5 * MEGABYTE, 10 * MEGABYTE
#: Memory that a document takes while it is read, as a multiple of its size: the file, and what its
#: reader, a process of its own, has still to get.
COPIES_OF_DOCUMENT = 2
#: What the model is told about files that it does not get.
QUOTATION = "(A document that the person sent, as a quotation:)\n"
UNSEEN = {
    "video": "(The person sent a video with this. You cannot watch it: say so if it matters.)",
    "image": "(The person sent a picture with this. You cannot see it: say so if it matters.)",
    "document": "(The person sent a document with this. You cannot read it: say so if it matters.)",
}


@dataclass(frozen=True, slots=True)
class MediaReader:
    """Reads files of people. Nothing of them is kept."""

    files: MediaFetcher
    #: False if the model cannot look at pictures and gets no documents.
    is_on: bool = True
    sandbox: SandboxPool = field(default_factory=SandboxPool)

    async def memory(self, attachment: Attachment) -> int:
        """Return the bytes of memory that a file takes until it is answered. Raise UnreadableMedia.

        A file that is not read takes none.
        """
        if not self._is_shown(attachment):
            return 0
        if is_picture(attachment.plain_type):
            size = await self._size(attachment, MAX_PICTURE_BYTES, "attachments.unseen")
            return size * COPIES_OF_PICTURE
        if not is_document(attachment.plain_type):
            return 0
        size = await self._size(attachment, MAX_DOCUMENT_BYTES, "attachments.unread")
        return size * COPIES_OF_DOCUMENT

    async def read(self, attachment: Attachment) -> str | Picture:
        """Return a picture, or what the model reads in place of a file. Raise UnreadableMedia."""
        if not self._is_shown(attachment):
            return UNSEEN.get(attachment.kind, "")
        if is_picture(attachment.plain_type):
            content = await self._fetch(attachment, MAX_PICTURE_BYTES, "attachments.unseen")
        elif attachment.kind == "document" and is_document(attachment.plain_type):
            content = await self._fetch(attachment, MAX_DOCUMENT_BYTES, "attachments.unread")
        else:
            raise UnreadableMedia(_unreadable_key(attachment.kind))
        found = type_of(content, attachment.plain_type)
        if found == HEIC:
            return Picture("image/jpeg", await self._work("jpeg", content, "attachments.heic"))
        if found in PICTURE_TYPES:
            if len(content) > MAX_PICTURE_BYTES:
                raise UnreadableMedia("attachments.unseen")
            return Picture(found, content)
        return QUOTATION + await self._document_text(content, found)

    def _is_shown(self, attachment: Attachment) -> bool:
        return self.is_on and attachment.kind in ("image", "document")

    async def _document_text(self, content: bytes, found: str) -> str:
        """Return the text of the first pages of a document. Raise UnreadableMedia."""
        if found == PDF:
            text = (await self._work("pdf", content, "attachments.unread")).decode()
        else:
            text = (decode(content) or "")[:MAX_DOCUMENT_CHARS]
        if not text.strip():  # a scan, or no text at all
            raise UnreadableMedia("attachments.unread")
        return text

    async def _work(self, work: Work, content: bytes, key: str) -> bytes:
        try:
            return await self.sandbox.read(work, content)
        except UnreadableFile as error:
            logger.warning("a file of a person was not read: {}", error)
            raise UnreadableMedia(key) from error

    async def _size(self, attachment: Attachment, max_bytes: int, key: str) -> int:
        with _unreadable(key):
            return await self.files.size(attachment.media_id, most=max_bytes)

    async def _fetch(self, attachment: Attachment, max_bytes: int, key: str) -> bytes:
        with _unreadable(key):
            return await self.files.fetch(attachment.media_id, most=max_bytes)


def _unreadable_key(kind: str) -> str:
    return "attachments.unread" if kind == "document" else "attachments.unseen"


@contextmanager
def _unreadable(key: str) -> Iterator[None]:
    try:
        yield
    except WhatsAppError as error:
        logger.warning("a file of a person is not used: {}", error)
        raise UnreadableMedia(key) from error

"""Files of messages, a piece at a time: from the bot's own copy, or from Meta."""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial

from loguru import logger
from sqlalchemy import Connection

from features.inbox import thread_view
from services.clients.cloud_api.download import Downloads
from services.clients.cloud_api.errors import WhatsAppError
from services.clients.cloud_api.media import MAX_FILE_BYTES
from services.sending.numbers import acting_as
from storage.engine.group_commit import GroupCommit
from storage.tables import kept_file_pieces, kept_files
from storage.tables.kept_file_pieces import PIECE_BYTES
from utils.byte_budget import ByteBudget
from utils.key_ring import ContentChanged, KeyMissing, KeyRing

#: Memory for files that come from Meta while browsers read them, in bytes.
MEMORY_BYTES = 64 * 1024 * 1024
_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Part:
    """Which bytes of a file are wanted."""

    first: int
    #: the last one, included
    last: int
    is_whole: bool = False

    @property
    def size(self) -> int:
        """Return how many bytes that are."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file that begins to be read."""

    mime_type: str
    size: int
    part: Part
    content: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class Media:
    """Reads files for pages, within a budget of memory."""

    database: GroupCommit
    downloads: Downloads
    #: of the bot's own copies
    keys: KeyRing
    memory: ByteBudget = field(default_factory=lambda: ByteBudget(MEMORY_BYTES))

    async def open(self, message_id: str, wanted: str = "") -> ShownFile | None:
        """Return the file of a message, or the part of a `Range`; None if nobody keeps it.

        The bot's own copy comes first: Meta deletes its copy after some days. Raise NoRoom.
        """
        found = await self.database.reader.run(lambda c, _: thread_view.media_of(c, message_id))
        if found is None:
            return None
        media_id, mime_type, number = found
        size = await self.database.reader.run(partial(_own_size, self.keys, media_id))
        if size:
            part = part_of(wanted, size)
            return ShownFile(mime_type, size, part, self._own(media_id, part))
        with acting_as(number):
            try:
                size = await self.downloads.size(media_id, most=MAX_FILE_BYTES)
                pieces = self._of_meta(media_id, number, size)
                first = await anext(pieces)  # whether it is there, before anything is answered
            except WhatsAppError:
                return None
        part = part_of(wanted, len(first))  # Meta's size may be a guess
        return ShownFile(mime_type, len(first), part, _slices(first, pieces, part))

    async def _own(self, media_id: str, part: Part) -> AsyncIterator[bytes]:
        for number in range(part.first // PIECE_BYTES, part.last // PIECE_BYTES + 1):
            content = await self.database.reader.run(
                partial(_own_piece, self.keys, media_id, number)
            )
            if content is None:
                return  # forgotten meanwhile
            start = number * PIECE_BYTES
            yield content[max(0, part.first - start) : part.last + 1 - start]

    async def _of_meta(self, media_id: str, number: str, size: int) -> AsyncGenerator[bytes, None]:
        """Yield the whole file, and hold its memory until the generator is closed."""
        async with self.memory.hold(size) as held:
            with acting_as(number):
                content = await self.downloads.fetch(media_id, most=MAX_FILE_BYTES)
            held.shrink(len(content))
            yield content


async def _slices(
    content: bytes, held: AsyncGenerator[bytes, None], part: Part
) -> AsyncIterator[bytes]:
    async with aclosing(held):
        for start in range(part.first, part.last + 1, PIECE_BYTES):
            yield content[start : min(start + PIECE_BYTES, part.last + 1)]


def part_of(wanted: str, size: int) -> Part:
    """Return the part that the header `Range` names; all of it if that is none of the file."""
    whole = Part(0, size - 1, is_whole=True)
    found = _RANGE.fullmatch(wanted.strip())
    if found is None or not any(found.groups()):
        return whole
    first, last = found.groups()
    if not first:
        return Part(max(0, size - int(last)), size - 1)
    end = min(int(last), size - 1) if last else size - 1
    return Part(int(first), end) if int(first) <= end else whole


def _own_piece(
    keys: KeyRing, media_id: str, number: int, connection: Connection, _now: float
) -> bytes | None:
    return kept_file_pieces.read_piece(connection, keys, media_id, number)


def _own_size(keys: KeyRing, media_id: str, connection: Connection, now: float) -> int | None:
    """Return the size of the bot's own copy, in bytes; None if it has none that it can read."""
    file = kept_files.find(connection, media_id, now)
    if file is None or file.kept_at is None:
        return None
    try:
        kept_file_pieces.read_piece(connection, keys, media_id, 0)
    except (KeyMissing, ContentChanged):
        logger.error("a kept file cannot be decrypted: FILES_KEYS lacks a key, or it was changed")
        return None
    return file.size

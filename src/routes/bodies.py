"""Reads the raw body of a request, with limits on its size and on memory."""

from collections.abc import Mapping

from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive

from jobs.job_queue import Overloaded

#: Largest webhook body of Meta, in bytes.
MAX_BODY_BYTES = 3 * 1024 * 1024
#: Bytes of incomplete bodies from which on only small bodies are read on: signatures can only be
#: checked afterwards.
MAX_READING_BYTES = 64 * 1024 * 1024
#: Size up to which bodies are small, in bytes: most of Meta's have one or two kilobytes.
SMALL_BODY_BYTES = 8 * 1024
#: Most bytes of incomplete bodies, small ones included: the room between is for small bodies.
MAX_UNREAD_BYTES = 128 * 1024 * 1024


class BodyTooLarge(Exception):
    """The body is larger than any body of Meta."""


class BodyReader:
    """Reads bodies and counts the bytes of incomplete ones in memory. One per process."""

    def __init__(self) -> None:
        self._bytes = 0

    async def read(
        self,
        headers: Mapping[bytes, bytes],
        receive: Receive,
        *,
        largest: int = MAX_BODY_BYTES,
    ) -> bytes:
        """Return the raw bytes of a body of at most `largest` bytes.

        Raises BodyTooLarge as soon as a body is larger, Overloaded if the bodies of other requests
        take too much memory, and ClientDisconnect.
        """
        announced = headers.get(b"content-length", b"")
        if announced.isdigit() and int(announced) > largest:
            raise BodyTooLarge
        chunks: list[bytes] = []
        size, more = 0, True
        try:
            while more:
                event = await receive()
                if event["type"] == "http.disconnect":
                    raise ClientDisconnect
                chunk, more = event.get("body", b""), event.get("more_body", False)
                chunks.append(chunk)
                size += len(chunk)
                self._bytes += len(chunk)
                if size > largest:
                    raise BodyTooLarge
                is_in_pieces = more or len(chunks) > 1
                if is_in_pieces and self._bytes > _room_for(size):
                    raise Overloaded
        finally:
            self._bytes -= size
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _room_for(size: int) -> int:
    """Return how many bytes of all incomplete bodies there may be when one has this size."""
    return MAX_READING_BYTES if size > SMALL_BODY_BYTES else MAX_UNREAD_BYTES


read_body = BodyReader().read


async def with_body(request: Request, largest: int) -> Request:
    """Return a request whose body is read, of at most `largest` bytes; raises as `read` does."""
    raw = await read_body(dict(request.scope["headers"]), request.receive, largest=largest)
    messages: list[Message] = [{"type": "http.request", "body": raw, "more_body": False}]

    async def receive() -> Message:
        return messages.pop() if messages else await request.receive()

    return Request(request.scope, receive)

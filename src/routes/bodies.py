"""Reading the body of a request that is signed: as it came, and never too much of it."""

from collections.abc import Mapping

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from jobs.job_queue import Overloaded

#: Meta's largest webhook body.
LARGEST_BODY = 3 * 1024 * 1024
#: Of bodies that are being read, of whoever it is: signatures can only be checked afterwards.
MOST_UNREAD = 128 * 1024 * 1024
#: Bodies of this size are read all the same: most of Meta's have one or two kilobytes.
SMALL_BODY = 64 * 1024


class BodyTooLarge(Exception):
    """More than Meta ever sends."""


class BodyReader:
    """Knows how much of the bodies that are still incomplete is in memory. One per process."""

    def __init__(self) -> None:
        self._bytes = 0

    async def read(self, headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
        """The raw bytes; BodyTooLarge once they are too many, without reading on.

        Overloaded, when large bodies of others take too much memory already.
        """
        announced = headers.get(b"content-length", b"")
        if announced.isdigit() and int(announced) > LARGEST_BODY:
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
                if size > LARGEST_BODY:
                    raise BodyTooLarge
                is_in_pieces = more or len(chunks) > 1
                if is_in_pieces and size > SMALL_BODY and self._bytes > MOST_UNREAD:
                    raise Overloaded
        finally:
            self._bytes -= size
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


read_body = BodyReader().read

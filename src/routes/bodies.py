"""Reading the body of a request that is signed: as it came, and never too much of it."""

from collections.abc import Mapping

from starlette.requests import ClientDisconnect
from starlette.types import Receive

#: Meta's largest webhook body.
LARGEST_BODY = 3 * 1024 * 1024


class BodyTooLarge(Exception):
    """More than Meta ever sends."""


async def read_body(headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
    """The raw bytes; BodyTooLarge once they are too many, without reading on."""
    announced = headers.get(b"content-length", b"")
    if announced.isdigit() and int(announced) > LARGEST_BODY:
        raise BodyTooLarge
    chunks, size, more = [], 0, True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise ClientDisconnect
        chunks.append(event.get("body", b""))
        size += len(chunks[-1])
        if size > LARGEST_BODY:
            raise BodyTooLarge
        more = event.get("more_body", False)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)

"""The events of a streamed answer, read from bytes; nothing that a server sends raises here.

The SDK's own reader raises on lines that are not JSON, and does not tell whether `[DONE]` came,
which is the only end that some servers send.
"""

import json
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

#: Longest line of a stream, in bytes; a longer one is not read.
MAX_LINE_BYTES = 1_000_000


class Done:
    """The end of a stream: `data: [DONE]`."""


async def read_events(pieces: AsyncIterable[bytes]) -> AsyncIterator[Any]:
    """Yield the JSON of each `data:` line, Done for the last, and a body without such lines."""
    body = bytearray()
    is_stream = False
    async for line in _lines(pieces):
        if not line.startswith(b"data:"):
            if not is_stream and len(body) < MAX_LINE_BYTES:
                body += line + b"\n"
            continue
        is_stream = True
        data = line[5:].strip()
        if data.startswith(b"[DONE]"):
            yield Done()
            return
        if (event := _parsed(data)) is not None:
            yield event
    if not is_stream and (event := _parsed(bytes(body))) is not None:
        yield event


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


async def _lines(pieces: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    rest = bytearray()
    async for piece in pieces:
        rest += piece
        if b"\n" in piece:
            *lines, last = bytes(rest).split(b"\n")
            for line in lines:
                yield line.rstrip(b"\r")
            rest = bytearray(last)
        elif len(rest) > MAX_LINE_BYTES:
            rest.clear()
    yield bytes(rest)

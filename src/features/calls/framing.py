"""How frames pass between the desk and the engine, over the child's stdin and stdout.

Each one is 4 bytes of length, big endian, and then UTF-8 JSON.
"""

from asyncio import IncompleteReadError, StreamReader
from typing import TypeVar

from pydantic import TypeAdapter

from features.calls.frame import Frame
from features.calls.protocol import Order, Report

#: Longest frame, and the length before each one, in bytes: Meta's SDP has 2 to 4 KB.
MAX_FRAME = 1_000_000
LENGTH_BYTES = 4

FrameT = TypeVar("FrameT")


class FrameError(ValueError):
    """The other side wrote what is no frame: its bytes can no longer be told apart."""


_ORDERS: TypeAdapter[Order] = TypeAdapter(Order)
_REPORTS: TypeAdapter[Report] = TypeAdapter(Report)


def encode(frame: Frame) -> bytes:
    """Return the bytes of a frame with its length.

    Raises:
        FrameError: if it is too long.
    """
    body = frame.model_dump_json().encode()
    if len(body) > MAX_FRAME:
        raise FrameError(f"a frame of {len(body)} bytes is longer than {MAX_FRAME}")
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


async def read_order(reader: StreamReader) -> Order | None:
    """Return the next order of the desk; None once it closed the pipe.

    Raises:
        FrameError: if it is none.
    """
    return await _read(reader, _ORDERS)


async def read_report(reader: StreamReader) -> Report | None:
    """Return the next report of the engine; None once it has ended.

    Raises:
        FrameError: if it is none.
    """
    return await _read(reader, _REPORTS)


async def _read(reader: StreamReader, frames: TypeAdapter[FrameT]) -> FrameT | None:
    try:
        length = int.from_bytes(await reader.readexactly(LENGTH_BYTES), "big")
        if length > MAX_FRAME:
            raise FrameError(f"a frame of {length} bytes is longer than {MAX_FRAME}")
        body = await reader.readexactly(length)
    except IncompleteReadError:
        return None
    return _validated(frames, body)


def _validated(frames: TypeAdapter[FrameT], body: bytes) -> FrameT:
    try:
        return frames.validate_json(body)
    except ValueError as problem:
        # not its text, which quotes the input
        raise FrameError(f"not a frame: {type(problem).__name__}") from None

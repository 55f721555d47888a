"""Frames between the desk, which decides about calls, and the engine, which carries their audio.

The desk starts `python -m features.calls.engine` as a child. Each frame on the child's stdin and
stdout is 4 bytes of length, big endian, and then UTF-8 JSON. Orders go to the engine and name
themselves by `do`; reports come from it and name themselves by `told`. Neither side logs frames:
they hold SDP, digits and words.
"""

from asyncio import IncompleteReadError, StreamReader
from enum import StrEnum
from typing import Annotated, Literal, TypeVar

from pydantic import Field, TypeAdapter

from features.calls.frame import Frame
from features.calls.talker_frames import (
    Converse,
    Dismiss,
    Heard,
    Instruct,
    OpenAiAccess,
    Spoken,
    TalkerGone,
    ToolAsked,
    ToolResult,
    Usage,
)

#: Longest frame, and the length before each one, in bytes: Meta's SDP has 2 to 4 KB.
MAX_FRAME = 1_000_000
LENGTH_BYTES = 4

FrameT = TypeVar("FrameT")


class FrameError(ValueError):
    """The other side wrote what is no frame: its bytes can no longer be told apart."""


class CallEnd(StrEnum):
    """Why the engine has closed the media of a call."""

    #: Nothing was ever received, or no connection came about.
    NO_MEDIA = "no_media"
    #: Packets stopped.
    LOST = "lost"
    #: `max_seconds` are over.
    TOO_LONG = "too_long"
    #: `End` was carried out, or the other side closed the connection.
    CLOSED = "closed"
    FAILED = "failed"


class Configure(Frame):
    """First frame of the desk; the engine answers `Ready`."""

    do: Literal["configure"] = "configure"
    #: Whether 127.0.0.1 may be used as an ICE host: for the emulator.
    loopback: bool = False
    ice_servers: tuple[str, ...] = ()
    #: Longest call, in seconds from `Accepted`.
    max_seconds: int = 600
    #: Time from `Offer` until the connection must be up, in seconds.
    connect_seconds: int = 8
    openai: OpenAiAccess | None = None


class Offer(Frame):
    """An SDP offer of Meta; the engine answers `Answer` or `Refused`."""

    do: Literal["offer"] = "offer"
    call: str
    sdp: str = Field(repr=False)
    language: str


class Accepted(Frame):
    """Meta confirmed `accept`: packets go out from now on, silence or speech."""

    do: Literal["accepted"] = "accepted"
    call: str


class Line(Frame):
    """One sentence to speak."""

    text: str = Field(repr=False)
    language: str
    #: Key of the text, if it has one: a recording of that name is played instead.
    key: str | None = None


class Say(Frame):
    """Lines to speak one after another; a digit interrupts them. They replace earlier ones."""

    do: Literal["say"] = "say"
    call: str
    lines: tuple[Line, ...]
    #: Whether the engine closes the call once the last packet was sent: `Ended` follows `Said`.
    then_end: bool = False
    #: Whether what the model is saying is heard to its end, in place of these lines.
    yields: bool = False


class End(Frame):
    """Close the media of a call at once."""

    do: Literal["end"] = "end"
    call: str
    reason: str = ""


class Ready(Frame):
    """The engine can take offers."""

    told: Literal["ready"] = "ready"
    #: How it speaks: from files, by espeak-ng, or by a server.
    speaks: Literal["files", "espeak", "openai"]
    version: str = ""


class Answer(Frame):
    """SDP answer to an offer: the same text for `pre_accept` and `accept`."""

    told: Literal["answer"] = "answer"
    call: str
    sdp: str = Field(repr=False)


class Refused(Frame):
    """The offer cannot be answered: `bad_sdp`, `busy`, …"""

    told: Literal["refused"] = "refused"
    call: str
    why: str


class Connected(Frame):
    """ICE and DTLS are up."""

    told: Literal["connected"] = "connected"
    call: str


class Digit(Frame):
    """A key that was pressed: 0 to 9, `*` or `#`."""

    told: Literal["digit"] = "digit"
    call: str
    digit: str = Field(repr=False)


class Said(Frame):
    """The lines of the last `Say` were sent, or a digit stopped them."""

    told: Literal["said"] = "said"
    call: str
    is_interrupted: bool = False


class Silent(Frame):
    """Neither side spoke for `seconds`: told after 8 and after 16."""

    told: Literal["silent"] = "silent"
    call: str
    seconds: int


class Ended(Frame):
    """The media of a call is closed; nothing follows about it."""

    told: Literal["ended"] = "ended"
    call: str
    end: CallEnd
    #: Speech of the person, and of the bot, in seconds.
    heard_seconds: float = 0.0
    said_seconds: float = 0.0


class Beat(Frame):
    """Sign of life, every two seconds."""

    told: Literal["beat"] = "beat"
    #: Number of open calls.
    active: int = 0
    #: Audio frames since the last beat, and how many of them were sent late.
    frames: int = 0
    late_frames: int = 0


#: Orders about a call whose engine has answered.
CallOrder = Accepted | Say | End | Converse | ToolResult | Instruct | Dismiss
#: Reports about a model that talks with the caller.
TalkerReport = Heard | Spoken | ToolAsked | Usage | TalkerGone
Order = Annotated[Configure | Offer | CallOrder, Field(discriminator="do")]
Report = Annotated[
    Ready | Answer | Refused | Connected | Digit | Said | Silent | Ended | Beat | TalkerReport,
    Field(discriminator="told"),
]

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

"""Frames between the desk, which decides about calls, and the engine, which carries their audio.

The desk starts `python -m features.calls.engine` as a child; `framing` says how frames pass. Orders
go to the engine and name themselves by `do`; reports come from it and name themselves by `told`.
Neither side logs frames: they hold SDP, digits and words.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from features.calls.frame import CallFrame, Frame
from features.calls.leg_frames import Join, Leave, LegReport
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
    """First frame of the desk; the engine answers `Ready`.

    Another one has ICE servers and times for later calls, and no answer.
    """

    do: Literal["configure"] = "configure"
    #: Whether 127.0.0.1 may be used as an ICE host: for the emulator.
    loopback: bool = False
    ice_servers: tuple[str, ...] = ()
    #: Longest call, in seconds from `Accepted`.
    max_seconds: int = 600
    #: Time from `Offer` until the connection must be up, in seconds.
    connect_seconds: int = 8
    openai: OpenAiAccess | None = None


class Offer(CallFrame):
    """An SDP offer of Meta; the engine answers `Answer` or `Refused`."""

    do: Literal["offer"] = "offer"
    sdp: str = Field(repr=False)
    language: str


class Invite(CallFrame):
    """We call somebody; the engine answers `Invitation`, or `Refused`."""

    do: Literal["invite"] = "invite"
    language: str


class Reply(CallFrame):
    """The SDP answer of Meta to an `Invitation`: audio connects, and waits for `Accepted`."""

    do: Literal["reply"] = "reply"
    sdp: str = Field(repr=False)


class Accepted(CallFrame):
    """The call is answered, by us or by whom we call: packets go out from now on."""

    do: Literal["accepted"] = "accepted"


class Line(Frame):
    """One sentence to speak."""

    text: str = Field(repr=False)
    language: str
    #: Key of the text, if it has one: a recording of that name is played instead.
    key: str | None = None


class Say(CallFrame):
    """Lines to speak one after another; a digit interrupts them. They replace earlier ones."""

    do: Literal["say"] = "say"
    lines: tuple[Line, ...]
    #: Whether the engine closes the call once the last packet was sent: `Ended` follows `Said`.
    then_end: bool = False
    #: Whether what the model is saying is heard to its end, in place of these lines.
    yields: bool = False


class Record(CallFrame):
    """Speak lines, then record what the caller says; the engine answers `Recorded`."""

    do: Literal["record"] = "record"
    lines: tuple[Line, ...]
    #: Longest recording, in seconds.
    max_seconds: int


class StopRecording(CallFrame):
    """Record no more: the call is over, and what was said counts."""

    do: Literal["stop_recording"] = "stop_recording"


class End(CallFrame):
    """Close the media of a call at once."""

    do: Literal["end"] = "end"
    reason: str = ""


class Ready(Frame):
    """The engine can take offers."""

    told: Literal["ready"] = "ready"
    #: How it speaks: from files, by espeak-ng, or by a server.
    speaks: Literal["files", "espeak", "openai"]
    version: str = ""


class Answer(CallFrame):
    """SDP answer to an offer: the same text for `pre_accept` and `accept`."""

    told: Literal["answer"] = "answer"
    sdp: str = Field(repr=False)


class Invitation(CallFrame):
    """SDP offer of ours, for `connect`."""

    told: Literal["invitation"] = "invitation"
    sdp: str = Field(repr=False)


class Refused(CallFrame):
    """The SDP of the other side is of no use: `bad_sdp`, `known`, …"""

    told: Literal["refused"] = "refused"
    why: str


class Connected(CallFrame):
    """ICE and DTLS are up."""

    told: Literal["connected"] = "connected"


class Digit(CallFrame):
    """A key that was pressed: 0 to 9, `*` or `#`."""

    told: Literal["digit"] = "digit"
    digit: str = Field(repr=False)


class Said(CallFrame):
    """The lines of the last `Say` were sent, or a digit stopped them."""

    told: Literal["said"] = "said"
    is_interrupted: bool = False


class Recorded(CallFrame):
    """What the caller said for others, as Ogg Opus in Base64; empty for nothing.

    It ends with a key, a pause, the longest time, or the call.
    """

    told: Literal["recorded"] = "recorded"
    audio: str = Field("", repr=False)
    #: Its words; empty where no model writes them down.
    text: str = Field("", repr=False)


class Silent(CallFrame):
    """Neither side spoke for `seconds`: told after 8 and after 16."""

    told: Literal["silent"] = "silent"
    seconds: int


class Ended(CallFrame):
    """The media of a call is closed; nothing follows about it."""

    told: Literal["ended"] = "ended"
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
    #: Frames of callers that did not come since then, or too late.
    lost_frames: int = 0


#: Orders about a call whose engine has answered.
CallOrder = (
    Reply
    | Accepted
    | Say
    | Record
    | StopRecording
    | End
    | Converse
    | ToolResult
    | Instruct
    | Dismiss
    | Join
    | Leave
)
#: Reports about a model that talks with the caller.
TalkerReport = Heard | Spoken | ToolAsked | Usage | TalkerGone
Order = Annotated[Configure | Offer | Invite | CallOrder, Field(discriminator="do")]
#: Reports about the connection of a call.
MediaReport = Answer | Invitation | Refused | Connected | Ended
Report = Annotated[
    Ready | MediaReport | Digit | Said | Recorded | Silent | Beat | TalkerReport | LegReport,
    Field(discriminator="told"),
]

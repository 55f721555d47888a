"""Frames about an operator who joins a call: the connection of their browser is a leg of it."""

from typing import Literal

from pydantic import Field

from features.calls.frame import CallFrame


class LegFrame(CallFrame):
    """Base of frames about the connection of one operator, by the id that the browser gave it."""

    leg: str


class Join(LegFrame):
    """Connect an operator with the caller; the engine answers `LegAnswer`, or `LegEnded`."""

    do: Literal["join"] = "join"
    #: SDP offer of the operator's browser.
    sdp: str = Field(repr=False)


class Leave(LegFrame):
    """Close the connection of an operator; the call goes on, and `LegEnded` follows."""

    do: Literal["leave"] = "leave"


class LegAnswer(LegFrame):
    """SDP answer for the operator's browser."""

    told: Literal["leg_answer"] = "leg_answer"
    sdp: str = Field(repr=False)


class LegUp(LegFrame):
    """The operator and the caller hear each other from now on."""

    told: Literal["leg_up"] = "leg_up"


class LegEnded(LegFrame):
    """The connection of an operator is closed, or never came about."""

    told: Literal["leg_ended"] = "leg_ended"
    #: Whether both heard each other.
    was_up: bool = False


#: Reports about the connection of an operator.
LegReport = LegAnswer | LegUp | LegEnded

"""Frames about an operator who joins a call: the connection of their browser is a leg of it."""

from typing import Literal

from pydantic import Field

from features.calls.frame import Frame


class Join(Frame):
    """Connect an operator with the caller; the engine answers `LegAnswer`, or `LegEnded`."""

    do: Literal["join"] = "join"
    call: str
    leg: str
    #: SDP offer of the operator's browser.
    sdp: str = Field(repr=False)


class Leave(Frame):
    """Close the connection of an operator; the call goes on, and `LegEnded` follows."""

    do: Literal["leave"] = "leave"
    call: str
    leg: str


class LegAnswer(Frame):
    """SDP answer for the operator's browser."""

    told: Literal["leg_answer"] = "leg_answer"
    call: str
    leg: str
    sdp: str = Field(repr=False)


class LegUp(Frame):
    """The operator and the caller hear each other from now on."""

    told: Literal["leg_up"] = "leg_up"
    call: str
    leg: str


class LegEnded(Frame):
    """The connection of an operator is closed, or never came about."""

    told: Literal["leg_ended"] = "leg_ended"
    call: str
    leg: str
    #: Whether both heard each other.
    was_up: bool = False


#: Reports about the connection of an operator.
LegReport = LegAnswer | LegUp | LegEnded

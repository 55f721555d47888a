"""What the desk needs of an engine: it takes orders, and reports about each call."""

from asyncio import Queue
from dataclasses import dataclass, field
from typing import Protocol

from features.calls.leg_frames import LegReport
from features.calls.operators import OperatorJoins, OperatorWishes
from features.calls.protocol import (
    Digit,
    MediaReport,
    Order,
    Recorded,
    Said,
    Silent,
    TalkerReport,
)

#: What the engine reports about one call.
CallReport = MediaReport | Digit | Said | Recorded | Silent | TalkerReport | LegReport


@dataclass(frozen=True, slots=True)
class HungUp:
    """Meta told that the call is over."""


@dataclass(frozen=True, slots=True)
class Drain:
    """The process stops."""


@dataclass(frozen=True, slots=True)
class MetaAnswer:
    """Meta's SDP answer to a call of ours."""

    sdp: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MetaStatus:
    """How far a call of ours is at the person: RINGING, ACCEPTED or REJECTED."""

    status: str


#: What a call waits for.
CallEvent = CallReport | HungUp | Drain | MetaAnswer | MetaStatus | OperatorJoins | OperatorWishes


class EngineGone(Exception):
    """The engine has ended, or does not take orders."""


class Engine(Protocol):
    """Carries the audio of calls."""

    @property
    def is_up(self) -> bool:
        """Whether it can take calls."""
        ...

    async def send(self, order: Order) -> None:
        """Give an order. Raises EngineGone."""
        ...

    def route(self, call: str, events: "Queue[CallEvent]") -> None:
        """Have the reports about a call put there; if the engine ends, so does the call."""
        ...

    def unroute(self, call: str) -> None:
        """Forget a call."""
        ...

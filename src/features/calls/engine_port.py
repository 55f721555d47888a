"""What the desk needs of an engine: it takes orders, and reports about each call."""

from asyncio import Queue
from dataclasses import dataclass
from typing import Protocol

from features.calls.protocol import (
    Answer,
    Connected,
    Digit,
    Ended,
    Order,
    Refused,
    Said,
    Silent,
    TalkerReport,
)

#: What the engine reports about one call.
CallReport = Answer | Refused | Connected | Digit | Said | Silent | Ended | TalkerReport


@dataclass(frozen=True, slots=True)
class HungUp:
    """Meta told that the call is over."""


@dataclass(frozen=True, slots=True)
class Drain:
    """The process stops."""


#: What a call waits for.
CallEvent = CallReport | HungUp | Drain


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

"""What can happen to a conversation."""

from dataclasses import dataclass

from flow_engine.options import Option


@dataclass(frozen=True, slots=True)
class Started:
    """The person asked for this flow."""


@dataclass(frozen=True, slots=True)
class Replied:
    """The person answered: typed text, or the option that they tapped."""

    text: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The person wants out."""


@dataclass(frozen=True, slots=True)
class WentBack:
    """The person wants to answer the question before once more."""


@dataclass(frozen=True, slots=True)
class OptionsLoaded:
    """The choices that a step asked the outside world for have arrived."""

    options: tuple[Option | str, ...]
    turn: int


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A deadline set by an earlier turn has passed."""

    timer: str
    turn: int


Event = Started | Replied | Cancelled | WentBack | OptionsLoaded | TimerFired

"""What can happen to a conversation."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Started:
    """The person asked for this flow."""


@dataclass(frozen=True, slots=True)
class Replied:
    """The person answered: typed text, or the option that they tapped."""

    text: str
    #: whether this person is used to months before days: "04/05/1990" may then be in April
    is_month_first_usual: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """The person answered with a file, a place or a contact, in Meta's JSON."""

    kind: str
    content: Any


@dataclass(frozen=True, slots=True)
class CameBack:
    """The person wrote, after a long silence, something that is no answer."""


@dataclass(frozen=True, slots=True)
class CallEnded:
    """One's own code returned the answer to a step."""

    result: object
    turn: int


@dataclass(frozen=True, slots=True)
class CallFailed:
    """One's own code failed, and is not tried again."""

    turn: int


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The person wants out."""


@dataclass(frozen=True, slots=True)
class WentBack:
    """The person wants to answer the question before once more."""


@dataclass(frozen=True, slots=True)
class WentTo:
    """The person wants to answer one question of theirs once more, and then go on."""

    step: str


@dataclass(frozen=True, slots=True)
class Corrected:
    """The person gave another answer to a question that they had answered before."""

    step: str
    reply: Replied


@dataclass(frozen=True, slots=True)
class OptionsLoaded:
    """The choices that a step asked the outside world for have arrived."""

    options: tuple[str, ...]
    turn: int


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A deadline set by an earlier turn has passed."""

    timer: str
    turn: int


Event = (
    Started
    | Replied
    | Sent
    | Cancelled
    | WentBack
    | WentTo
    | Corrected
    | CameBack
    | OptionsLoaded
    | CallEnded
    | CallFailed
    | TimerFired
)

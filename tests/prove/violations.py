"""What the checker finds: broken promises."""

from dataclasses import dataclass
from enum import StrEnum


class Promise(StrEnum):
    """What a violation breaks."""

    LOST = "lost"
    DOUBLED = "doubled"
    REORDERED = "reordered"
    FENCE = "stored without the lane"
    TIMER = "timer lost"
    ASLEEP = "left undone"
    REUSED = "id used twice"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken promise."""

    promise: Promise
    #: The person, or the lane.
    about: str
    what: str

"""Measures of the health of the bot."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Backlog:
    """Jobs that are stored and not done."""

    #: Jobs that wait.
    todo: int
    #: Dead letters.
    dead: int
    #: Longest wait of a lane that is due, in pools that a worker serves.
    lag: timedelta
    #: Lanes that are due, in pools that no worker serves with these settings.
    unserved: int

"""How the bot is doing."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Backlog:
    """The work that is stored and not done."""

    todo: int
    #: given up, waiting for a person to look
    dead: int
    #: for how long the longest-waiting work that is due, and that somebody does, has waited
    lag: timedelta
    #: lanes with work that is due, and that the settings let nobody do
    unserved: int

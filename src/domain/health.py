"""How the bot is doing."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Backlog:
    """The work that is stored and not done."""

    todo: int
    #: given up, waiting for a person to look
    dead: int
    #: for how long the longest-waiting work that is due has waited
    lag: timedelta

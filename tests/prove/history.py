"""The history of a run: what people wrote, what Meta's stand-in received, what the database stored.

All times are seconds of one monotonic clock: that of the process that ran the test.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path


class Kind(StrEnum):
    """What a message asks of the bot; see `features/counting/feature.py`."""

    COUNT = "count"
    #: Its handler takes longer than a moment, so that faults happen in the middle of it.
    SLOW = "slow"
    #: Fails until it is some seconds old.
    FLAKY = "flaky"
    #: Fails at each attempt, and ends as a dead letter with an apology.
    POISON = "poison"
    #: Begins a form that the person leaves unanswered: its timers remind, then cancel.
    FORM = "form"


@dataclass(slots=True)
class Message:
    """A message that a person wrote. The messages of a person are numbered from 1."""

    person: str
    number: int
    kind: Kind
    posted_at: float
    #: Time of the first 200; None if there was none.
    acknowledged_at: float | None = None
    #: Number of POSTs, with all redeliveries.
    posts: int = 0


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message of the bot at Meta's stand-in."""

    at: float
    person: str
    #: The bot's own id of the message; the same if it is sent again.
    delivery: str
    text: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that happened, from its beginning until everything was as before."""

    kind: str
    victim: str
    began_at: float
    ended_at: float


@dataclass(frozen=True, slots=True)
class Rollback:
    """A backup that was restored: the database forgot what it stored after the copy."""

    copied_at: float
    restored_at: float


class What(StrEnum):
    """What happened to a lane."""

    CLAIMED = "claimed"
    RELEASED = "released"
    #: An attempt at one of its jobs ended, well or not.
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class LaneEvent:
    """Something that happened to a lane and was committed, as a trigger of the database saw it."""

    what: What
    lane: str
    #: Token that holds the lane from now on, or held it when the job ended; None if nobody does.
    token: str | None
    #: The process that did it, and the number of its start: "worker0.3".
    process: str
    #: Of a job that ended: its id, its key, and its state, a value of `JobState`.
    job: int | None = None
    key: str | None = None
    state: int | None = None


@dataclass(frozen=True, slots=True)
class StoredJob:
    """A row of the table `job` at the end of the run."""

    id: int
    lane: str
    kind: str
    key: str | None
    body: str
    state: int


@dataclass(slots=True)
class History:
    """Everything that the checker looks at."""

    messages: list[Message] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    rollbacks: list[Rollback] = field(default_factory=list)
    #: What happened to lanes, in order. A restored database begins another list.
    segments: list[list[LaneEvent]] = field(default_factory=list)
    #: Jobs at the end of the run.
    jobs: Sequence[StoredJob] = ()
    #: Ids of the deliveries that the database knows as accepted by Meta.
    accepted: frozenset[str] = frozenset()
    #: POSTs that were not answered with 200, or not at all.
    refused: int = 0

    def write(self, file: Path) -> None:
        """Write everything as JSON, to look into."""
        content = {**asdict(self), "accepted": sorted(self.accepted)}
        file.write_text(json.dumps(content, indent=1) + "\n")

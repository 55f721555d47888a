"""The words of durable processing: jobs, lanes, timers, and what a handler returns."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum

from domain.json import JsonValue
from storage.engine.write import Write
from utils.tracing import current


class Encoded(str):
    """A body that is JSON text already: what was parsed from JSON need not be built up again."""

    __slots__ = ()


class JobState(IntEnum):
    TODO = 0
    DONE = 1
    #: gave up; kept for a person to look at and retry
    DEAD = 2


@dataclass(frozen=True, slots=True)
class NewJob:
    """Something to do, once, in the order of its lane.

    Jobs of one lane run one at a time, in the order they were stored; lanes run side by side.
    What stands before the first colon of a lane's name is its pool: the workers that serve it.
    A `key` seen before is silently skipped: that is the whole of deduplication.
    """

    lane: str
    kind: str
    body: JsonValue
    key: str | None = None
    #: a job made while another runs belongs to the same webhook
    trace: str | None = field(default_factory=current, compare=False)


@dataclass(frozen=True, slots=True)
class Job:
    """A stored job, as a handler gets it."""

    id: int
    lane: str
    kind: str
    body: JsonValue
    #: how many attempts failed before this one
    tries: int = 0
    key: str | None = None
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class NewTimer:
    """An alarm of a lane; once due, it becomes a job of kind "timer" with this body."""

    after: timedelta
    body: JsonValue


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a handler decided. All of it commits together with "this job is done", or not at all."""

    #: the lane's state from now on; None leaves it as it was
    state: Mapping[str, JsonValue] | None = None
    jobs: Sequence[NewJob] = ()
    #: by name: set or moved, or cancelled (None)
    timers: Mapping[str, NewTimer | None] = field(default_factory=dict)
    #: rows of other tables that belong to the same change
    writes: Sequence[Write] = ()


#: What a lane stores between two jobs.
LaneState = Mapping[str, JsonValue]
#: (job, state of its lane) -> what to commit. Raises to be tried again later. May run again
#: after a crash, so what it does by itself, other than by its outcome, may happen twice.
Handler = Callable[[Job, LaneState], Awaitable[Outcome]]


class RetryLater(Exception):
    """Raised by a handler: try this job again after a time that the handler knows better."""

    def __init__(self, reason: str, after: timedelta) -> None:
        super().__init__(reason)
        self.after = after


class Discard(Exception):
    """Raised by a handler: in vain until somebody mends the cause, so make it a dead letter now.

    `outcome` is committed beside it.
    """

    def __init__(self, reason: str, outcome: Outcome) -> None:
        super().__init__(reason)
        self.outcome = outcome


class Snooze(RetryLater):
    """Raised by a handler that may not run yet; does not count as a failed attempt."""

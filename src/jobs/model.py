"""The words of durable processing: jobs, lanes, timers, and what a handler returns."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum

from domain.json import JsonValue
from storage.engine.write import Write
from utils.tracing import current


class Encoded(str):
    """A body that is JSON text already: what was parsed from JSON need not be built up again."""

    __slots__ = ()


class Priority(IntEnum):
    """Which lanes are claimed first. Each has a share, so that none starves (see `Claim`)."""

    #: A person waits for it.
    HIGH = 0
    #: It may wait: timers, broadcasts, and what they lead to.
    LOW = 1


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
    #: by default that of the job that decides on it, and HIGH for what comes from outside
    priority: Priority | None = None


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
    #: False if the stored body is not JSON: `body` is None then
    is_readable: bool = True
    #: that of its lane: what stands before an urgent job is urgent, too
    priority: Priority = Priority.HIGH


@dataclass(frozen=True, slots=True)
class NewTimer:
    """An alarm of a lane; once due, it becomes a job of kind "timer" with this body."""

    after: timedelta
    body: JsonValue
    #: somebody waits for it: its lane keeps the priority of the job that set it
    is_urgent: bool = False


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
    #: a state that could not be read, to be kept for a person to look at; set by the engine
    unreadable: Mapping[str, JsonValue] | None = None


#: What a lane stores between two jobs.
LaneState = Mapping[str, JsonValue]
#: (job, state of its lane) -> what to commit. Raises to be tried again later. May run again
#: after a crash, so what it does by itself, other than by its outcome, may happen twice.
Handler = Callable[[Job, LaneState], Awaitable[Outcome]]


class UnreadableState(Exception):
    """Raised by a handler that cannot read some parts of the state of its lane, by their names.

    The state is put aside, and the handler runs again without these parts.
    """

    def __init__(self, parts: Collection[str]) -> None:
        super().__init__(", ".join(sorted(parts)))
        self.parts = parts


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

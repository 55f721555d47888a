"""Declarations of jobs: what a kind of job carries, who runs it, and how it is retried.

A kind of job is declared once, beside its handler:

    ASK = JobSpec("ask", AskJob, pool=ASSISTANT, retry=ONCE_MORE)
    ...
    ASK.handled_by(runner.ask, on_discard=runner.give_up)

Workers, retention, erasing and the tests iterate over these declarations.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, wraps
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter

from domain.json import JsonValue
from jobs.attempt import JobHandler
from jobs.model import Encoded, Job, LaneState, NewJob, NewTimer, Outcome, Priority
from jobs.retry import RetryPolicy

#: The kind of the job that a timer becomes once it is due.
TIMER_KIND = "timer"

Body = TypeVar("Body")
ContraBody = TypeVar("ContraBody", contravariant=True)


class EmptyBody(BaseModel):
    """The body of a job that carries nothing."""

    model_config = ConfigDict(frozen=True)


class TypedHandler(Protocol[ContraBody]):
    """Handle one job: (job, its body, state of its lane) -> what to commit."""

    def __call__(self, job: Job, body: ContraBody, state: LaneState, /) -> Awaitable[Outcome]: ...


@dataclass(frozen=True, slots=True)
class WorkerProfile:
    """How one worker of a process runs the jobs of its pools."""

    name: str
    #: Most lanes that run at the same time.
    max_lanes: int = 500
    #: Most lanes that begin at the same time; small where each job starts with heavy computing.
    max_lanes_per_claim: int = 200
    #: Pause before others begin jobs that were cut off: their effect may be under way.
    redelivery_grace: timedelta = timedelta(0)
    #: Order in which the workers of a process stop: what the first ones decide is still sent.
    stop_order: int = 0
    #: Whether somebody waits at the phone: processes of its own may run it.
    is_live: bool = False


@dataclass(frozen=True, slots=True)
class Pool:
    """Lanes of one purpose; the first part of a lane's name.

    `is_about_person`: its lanes are named after a phone number ID and a person, so that erasing
    the person finds them. `quotes_people`: its lanes are shared, and erasing a person deletes the
    jobs that name them. `keeps_state`: what its lanes know must outlive the retention period.
    """

    name: str
    worker: WorkerProfile
    is_about_person: bool = False
    quotes_people: bool = False
    keeps_state: bool = False

    def lane(self, *parts: str) -> str:
        """Return the name of a lane of this pool."""
        return ":".join((self.name, *parts))


class PersonLane(NamedTuple):
    """What the name of a lane says whose pool `is_about_person`."""

    phone_number_id: str
    user_key: str


def person_lane(job: Job) -> PersonLane:
    """Return whom a job is about, by the name of its lane."""
    return PersonLane(*job.lane.split(":", 2)[1:])


@dataclass(frozen=True)
class JobSpec(Generic[Body]):
    """A kind of job. `body` is the type that its stored JSON is read as."""

    kind: str
    body: type[Body]
    pool: Pool
    retry: RetryPolicy
    #: Reads the stored JSON where pydantic is not to do it.
    read: Callable[[JsonValue], Body] | None = None

    def new(
        self,
        lane: str,
        body: BaseModel | dict[str, Any] | Encoded,
        *,
        key: str | None = None,
        priority: Priority | None = None,
    ) -> NewJob:
        """Make a job of this kind for a lane of its pool. A `key` seen before is skipped.

        A body that is JSON already, built up or as text, is stored as it is. Without a `priority`
        it has that of the job that decides on it.
        """
        if not lane.startswith(f"{self.pool.name}:"):
            raise ValueError(f"{self.kind}: the lane is not of the pool {self.pool.name}")
        stored = body.model_dump(mode="json") if isinstance(body, BaseModel) else body
        return NewJob(lane, self.kind, stored, key, priority=priority)

    def parse(self, stored: JsonValue) -> Body:
        """Read a stored body; pydantic's ValidationError if it is not of this kind."""
        if self.read is not None:
            return self.read(stored)
        return self._adapter.validate_python(stored)

    def handled_by(
        self, handler: TypedHandler[Body], *, on_discard: TypedHandler[Body | None] | None = None
    ) -> "HandledJob":
        """Bind the handler. `on_discard` decides what commits beside a job that is given up.

        It gets None for a body that cannot be read, which may be why the job is given up.
        """
        discard = self._reading_if_possible(on_discard) if on_discard is not None else None
        return HandledJob(self, JobHandler(self._reading(handler), self.retry, discard))

    def _reading(
        self, handler: TypedHandler[Body]
    ) -> Callable[[Job, LaneState], Awaitable[Outcome]]:
        parse = self.parse

        @wraps(handler)
        async def handle(job: Job, state: LaneState) -> Outcome:
            return await handler(job, parse(job.body), state)

        return handle

    def _reading_if_possible(
        self, handler: TypedHandler[Body | None]
    ) -> Callable[[Job, LaneState], Awaitable[Outcome]]:
        async def handle(job: Job, state: LaneState) -> Outcome:
            try:
                body = self.parse(job.body)
            except Exception:  # noqa: BLE001 - a reader may fail in any way
                body = None
            return await handler(job, body, state)

        return handle

    @cached_property
    def _adapter(self) -> TypeAdapter[Body]:
        return TypeAdapter(self.body)


class TimerSpec(JobSpec[Body]):
    """The kind of job that the timers of a pool become."""

    def __init__(self, body: type[Body], *, pool: Pool, retry: RetryPolicy) -> None:
        super().__init__(TIMER_KIND, body, pool, retry)

    def timer(self, after: timedelta, body: BaseModel, *, is_urgent: bool = False) -> NewTimer:
        """Make a timer that becomes a job with this body once it is due.

        An urgent one has the priority of the job that sets it; others wait for jobs of people.
        """
        return NewTimer(after, body.model_dump(mode="json"), is_urgent)


@dataclass(frozen=True, slots=True)
class HandledJob:
    """A declared kind of job with what handles it in this process."""

    spec: JobSpec[Any]
    handler: JobHandler


class DuplicateJob(Exception):
    """Two handlers for one kind of job in one worker."""


def by_worker(
    handled: Iterable[HandledJob],
) -> dict[WorkerProfile, tuple[tuple[str, ...], dict[str, JobHandler]]]:
    """Group by worker: its pools, and its handlers by kind. Raise DuplicateJob."""
    groups: dict[WorkerProfile, tuple[dict[str, None], dict[str, JobHandler]]] = {}
    for one in handled:
        pools, handlers = groups.setdefault(one.spec.pool.worker, ({}, {}))
        pools[one.spec.pool.name] = None
        if one.spec.kind in handlers:
            both = " and ".join(map(_name, (handlers[one.spec.kind], one.handler)))
            raise DuplicateJob(f"{both} both handle jobs of the kind {one.spec.kind}")
        handlers[one.spec.kind] = one.handler
    return {worker: (tuple(pools), handlers) for worker, (pools, handlers) in groups.items()}


def _name(handler: JobHandler) -> str:
    """Return where a handler is, such as `features.faq.jobs.FaqJobs.handle`."""
    function = handler.handle
    named = [getattr(function, one, "") for one in ("__module__", "__qualname__")]
    return ".".join(named) or repr(function)

"""Stores events, whichever way they come: one commit, then the sender knows they are taken."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from features.events.job_specs import job_of
from features.events.metrics import EventMetrics
from features.events.reading import Flaw, ReadEvent, UnreadableEvent
from features.events.sending import EventSender
from jobs.job_queue import Decision, JobQueue
from jobs.model import NewJob
from jobs.tables import job

#: Code of an event of another business.
TENANT_DIFFERS = "tenant_differs"


@dataclass(frozen=True, slots=True)
class PreparedEvent:
    """An event that can be stored."""

    job: NewJob
    type: str
    time: datetime | None


@dataclass(frozen=True, slots=True)
class EventIntake:
    """Stores events as jobs."""

    queue: JobQueue
    sender: EventSender
    metrics: EventMetrics
    clock: Callable[[], datetime]
    #: How other systems name the business; empty: however they do.
    tenant_id: str = ""

    def prepared(self, tenant: str, event: ReadEvent) -> PreparedEvent:
        """Return an event as it is stored.

        Raise UnreadableEvent without a recipient, and for an event of another business.
        """
        if self.tenant_id and event.tenant_id not in (None, self.tenant_id):
            raise UnreadableEvent(
                Flaw(TENANT_DIFFERS, "tenant_id", "It is of another business.", "Send it there."),
                type_=event.type,
            )
        job = job_of(event, tenant, self.sender.recipient_of(event))
        return PreparedEvent(job, event.type, event.time)

    async def store(self, events: Sequence[PreparedEvent]) -> None:
        """Store events in their order; those that were stored before are skipped."""
        await self.queue.enqueue([one.job for one in events])
        now = self.clock()
        for one in events:
            self.metrics.stored(one.type, one.time, now)

    async def store_one(self, event: PreparedEvent) -> bool:
        """Store an event; return False if it was stored before."""
        new = event.job

        def decide(connection: Connection, _now: float) -> Decision[bool]:
            known = connection.scalar(select(job.c.id).where(job.c.key == new.key)) is not None
            return Decision(not known, () if known else (new,))

        is_new = await self.queue.decide(decide)
        if is_new:
            self.metrics.stored(event.type, event.time, self.clock())
        else:
            self.metrics.count(event.type, "duplicate")
        return is_new

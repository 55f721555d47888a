"""Tells listeners what became of notifications, and when a batch is finished.

A new status becomes a job in the commit that stores it; the job reads the notification, and lets
listeners hear of it. Without listeners there are no such jobs.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, and_, func, or_, select

from domain.delivery import RANK, DeliveryStatus, StatusReport
from domain.domain_event import DomainEvent
from features.notifications.acceptance import ID_PREFIX
from features.notifications.reading import joined, status_at
from features.notifications.remedies import failure
from features.notifications.stage import Stage, Status
from features.notifications.tables import NotificationRow, notification
from jobs.model import Job, LaneState, NewJob, Outcome, Priority
from jobs.retry import PATIENT
from jobs.spec import HandledJob, JobSpec, Pool, WorkerProfile
from services.conversations.extensions import Extensions
from storage.engine.group_commit import GroupCommit
from storage.tables.deliveries import delivery

STATUS_EVENT, BATCH_EVENT = "notification.status", "batch.finished"
#: One lane for each notification: its statuses are told in their order.
STATUS_POOL = Pool("ntfstatus", WorkerProfile("notification_status", max_lanes=50, stop_order=4))
#: Name in the state of a lane: the rank of the last status that was told.
TOLD = "rank"
#: Statuses that callers know under another name.
_SHOWN = {DeliveryStatus.PLAYED: DeliveryStatus.READ}
#: What callers read of an error.
_SHOWN_OF_ERRORS = {"code", "message", "fix", "meta_code"}
#: Ends that are no statuses of a delivery.
_ENDS = {Status.REFUSED, Status.EXPIRED, Status.CANCELLED}


class StatusJob(BaseModel):
    """A new status of a notification."""

    model_config = ConfigDict(frozen=True)

    id: str
    status: Status
    #: Seconds since 1970.
    at: float
    error_code: int | None = None
    error_text: str | None = None
    pricing_category: str | None = None
    pricing: str | None = None


TELL_STATUS = JobSpec("notification_status", StatusJob, pool=STATUS_POOL, retry=PATIENT)


class Found(NamedTuple):
    """What is known of a notification."""

    row: NotificationRow
    status: Status
    #: Number of notifications of its batch by status; None while some are still with the bot.
    finished: Mapping[str, int] | None


def status_job(body: StatusJob) -> NewJob:
    """Return the job that tells of a status; the same status is told once."""
    key = f"callback:{body.id}:{body.status}"
    return TELL_STATUS.new(STATUS_POOL.lane(body.id), body, key=key, priority=Priority.LOW)


@dataclass(frozen=True, slots=True)
class StatusEvents:
    """Makes and handles those jobs."""

    database: GroupCommit
    extensions: Extensions
    clock: Callable[[], datetime]

    def handled(self) -> HandledJob:
        """Return the job, with its handler."""
        return TELL_STATUS.handled_by(self.tell)

    def follow(self, statuses: Sequence[StatusReport]) -> Iterator[NewJob]:
        """Yield a job for each status of a notification, if anybody listens."""
        if self.extensions.wants(STATUS_EVENT, BATCH_EVENT):
            for one in statuses:
                if (one.callback_data or "").startswith(ID_PREFIX):
                    yield status_job(self._read(one))

    def ended(self, ended: Sequence[tuple[str, Stage]]) -> Sequence[NewJob]:
        """Return the jobs of notifications that end without being sent."""
        if not self.extensions.wants(STATUS_EVENT, BATCH_EVENT):
            return ()
        at = self.clock().timestamp()
        bodies = (StatusJob(id=id_, status=Status(stage), at=at) for id_, stage in ended)
        return [status_job(body) for body in bodies]

    async def tell(self, job: Job, body: StatusJob, state: LaneState) -> Outcome:
        """Let listeners hear of a status, unless a later one was told before."""
        found = await self.database.reader.run(
            lambda c, _: _find(c, body.id, self.clock(), self.extensions.wants(BATCH_EVENT))
        )
        if found is None:
            return Outcome()  # erased
        if found.status in _ENDS:
            body = body.model_copy(update={"status": found.status, "error_code": None})
        rank = _rank(body.status)
        if rank <= int(str(state.get(TOLD, -1))):
            return Outcome()
        heard = self.extensions.happened(_status_event(found.row, body))
        if found.finished is not None:
            heard += self.extensions.happened(_batch_event(found.row, found.finished, body.at))
        return Outcome({TOLD: rank}, heard.jobs, writes=heard.writes)

    def _read(self, one: StatusReport) -> StatusJob:
        return StatusJob(
            id=str(one.callback_data),
            status=Status(_SHOWN.get(one.status, one.status).value),
            at=(one.at or self.clock()).timestamp(),
            error_code=one.error_code,
            error_text=one.error_text,
            pricing_category=one.category,
            pricing=one.pricing,
        )


def _rank(status: Status) -> int:
    """Return the place of a status among those of a notification: the last ones are ends."""
    if status in _ENDS:
        return len(RANK)
    return RANK[DeliveryStatus(status.value)]


def _find(connection: Connection, id_: str, now: datetime, counts_batch: bool) -> Found | None:
    columns = (*notification.c, status_at(now))
    query = select(*columns).select_from(joined()).where(notification.c.id == id_)
    row = connection.execute(query).first()
    if row is None:
        return None
    known = NotificationRow(*row[: len(NotificationRow._fields)])
    finished = _finished(connection, known.batch, now) if counts_batch else None
    return Found(known, Status(str(row[-1])), finished)


def _finished(connection: Connection, batch: str, now: datetime) -> Mapping[str, int] | None:
    """Return how many of a batch ended how; None while some are still with the bot."""
    of = notification.c
    is_pending = func.coalesce(delivery.c.rank, 0) == RANK[DeliveryStatus.PENDING]
    is_open = or_(
        of.stage == Stage.WAITING.value, and_(of.stage == Stage.RELEASED.value, is_pending)
    )
    one_open = select(of.id).select_from(joined()).where(of.batch == batch, is_open).limit(1)
    if connection.execute(one_open).first() is not None:
        return None
    status = status_at(now)
    counted = select(status, func.count()).select_from(joined()).where(of.batch == batch)
    return {str(name): count for name, count in connection.execute(counted.group_by(status))}


def _status_event(row: NotificationRow, body: StatusJob) -> DomainEvent:
    problem = failure(body.error_code, body.error_text) if body.status is Status.FAILED else None
    priced = {"category": body.pricing_category, "type": body.pricing}
    data: dict[str, Any] = {
        "id": row.id,
        "batch_id": row.batch,
        "reference": row.reference,
        "status": body.status.value,
        "template": row.template,
        "language": row.language,
        "category": row.category,
        "error": problem.model_dump(include=_SHOWN_OF_ERRORS) if problem else None,
        "pricing": priced if body.pricing_category else None,
        "metadata": json.loads(row.caller_data) if row.caller_data else None,
    }
    return DomainEvent(
        STATUS_EVENT,
        f"{row.id}:{body.status}",
        datetime.fromtimestamp(body.at, UTC),
        subject=row.id,
        data=data,
        private={"phone": f"+{row.recipient}" if row.recipient.isdecimal() else None},
        user_key=row.user_key,
    )


def _batch_event(row: NotificationRow, counts: Mapping[str, int], at: float) -> DomainEvent:
    data = {"batch_id": row.batch, "total": sum(counts.values()), "by_status": dict(counts)}
    moment = datetime.fromtimestamp(at, UTC)
    return DomainEvent(BATCH_EVENT, row.batch, moment, subject=row.batch, data=data)

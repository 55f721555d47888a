"""Statuses of messages that the ledger does not know: kept for a day, until their row appears.

Messages of the bot carry the id of their row. A status without it may overtake the commit of Meta's
answer, or belong to a message that another program sent from the same number.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from loguru import logger

from domain.delivery import DeliveryStatus, StatusReport
from jobs.model import Job, LaneState, NewJob, Outcome, Snooze
from jobs.retry import INTERACTIVE
from jobs.spec import HandledJob, JobSpec
from services.conversations.context import ConversationContext
from services.conversations.job_specs import EVENTS
from storage.tables.deliveries import Deliveries, report
from utils.digest import digest
from utils.metrics import Metrics

#: For how long a status is kept by its own time, and the first wait for its row.
KEEP, FIRST_WAIT = timedelta(days=1), timedelta(seconds=30)
#: How much longer each next wait is.
GROWTH = 10
UNKNOWN_STATUS = JobSpec("status", StatusReport, pool=EVENTS, retry=INTERACTIVE)


def status_job(phone_number_id: str, one: StatusReport) -> NewJob:
    """Return the job that keeps a status, in a lane of its message."""
    lane = EVENTS.lane(phone_number_id, "statuses", digest(one.wamid, 16))
    body = asdict(one) | {"at": one.at.isoformat() if one.at else None}
    key = f"status:{phone_number_id}:{one.wamid}:{one.status}"
    return UNKNOWN_STATUS.new(lane, body, key=key)


@dataclass(frozen=True, slots=True)
class UnknownStatuses:
    """Matches statuses with the rows that appear later."""

    context: ConversationContext
    sent: Deliveries
    metrics: Metrics
    now: Callable[[], datetime]

    def handled(self) -> HandledJob:
        """Return the job, with its handler."""
        return UNKNOWN_STATUS.handled_by(self.match)

    async def match(self, job: Job, body: StatusReport, state: LaneState) -> Outcome:
        """Note a status once its row is there. Raise Snooze until then, for a day."""
        delivery_id = await self.sent.id_of(body.wamid)
        if delivery_id is not None:
            known = replace(body, callback_data=delivery_id)
            observers = self.context.extensions.observers
            shown = [write for one in observers for write in one.statuses_reported([known])]
            jobs = self.context.extensions.reported([known])
            return Outcome(jobs=jobs, writes=[*report([known]), *shown])
        age = self.now() - body.at if body.at is not None else KEEP
        if age < FIRST_WAIT:
            self._tell(body)
        if age >= KEEP:
            return Outcome()
        raise Snooze("the message of a status is not known yet", max(FIRST_WAIT, age * GROWTH))

    def _tell(self, body: StatusReport) -> None:
        self.metrics.received["unknown_status"].inc()
        if body.status is DeliveryStatus.FAILED:
            logger.warning(
                "a message failed that the ledger does not know: (#{}) {}",
                body.error_code,
                body.error_text,
            )

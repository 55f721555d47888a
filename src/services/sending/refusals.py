"""Messages that may not be sent, or that Meta did not take: the ledger, operators, consequences."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from loguru import logger

from domain.delivery import DeliveryStatus, StatusReport
from jobs.model import Job, LaneState, NewJob, Outcome
from services.clients.cloud_api.errors import WhatsAppError
from services.sending.closed_window import OUTSIDE_WINDOW, ClosedWindow
from services.sending.outbox import SendJob
from services.sending.permission import WINDOW_CLOSED, Refusal, SendPermission
from storage.engine.write import Write
from storage.tables import deliveries


class FailureObserver(Protocol):
    """Is told of messages that Meta did not take."""

    def send_failed(self, key: str, reason: str) -> Sequence[Write]: ...


#: Returns the jobs that follow when Meta refuses a job of the outbox with an error code.
Consequences = Callable[[Job, int | None], list[NewJob]]
#: Returns the jobs that follow new statuses of messages.
Followers = Callable[[Sequence[StatusReport]], list[NewJob]]


@dataclass(frozen=True, slots=True)
class Refusals:
    """Decides what follows when a message is sent, or is not."""

    permission: SendPermission
    window: ClosedWindow
    observers: Sequence[FailureObserver]
    consequences: Consequences
    follow: Followers
    now: Callable[[], datetime]

    async def before(self, job: Job, body: SendJob, state: LaneState) -> Outcome | None:
        """Return what follows if a message may not be sent; None if it may."""
        refusal = await self.permission.refusal(job, body)
        return None if refusal is None else await self._refused(job, state, refusal)

    async def by_meta(self, job: Job, error: WhatsAppError, state: LaneState) -> Outcome:
        """Return what follows if Meta refuses a message for good."""
        if error.code == OUTSIDE_WINDOW:
            refusal = Refusal(WINDOW_CLOSED, is_outside_window=True)
            return await self._refused(job, state, refusal, error.code)
        logger.warning("[whatsapp-frontend] message {} was refused: {}", job.key, error)
        failed = self.failed(job, str(error), error.code)
        return replace(failed, jobs=[*self.consequences(job, error.code), *failed.jobs])

    def failed(self, job: Job, text: str, code: int | None = None) -> Outcome:
        """Note in the ledger that a message failed, and tell the observers."""
        key, at = str(job.key), self.now()
        told = [write for one in self.observers for write in one.send_failed(key, text)]
        jobs = self.follow([StatusReport("", DeliveryStatus.FAILED, at, key, code, text)])
        return Outcome(
            jobs=jobs, writes=[deliveries.refuse(key, code=code, text=text, at=at), *told]
        )

    def accepted(self, job: Job, wamid: str, *, is_held: bool) -> Outcome:
        """Note in the ledger that Meta took a message."""
        key, at = str(job.key), self.now()
        jobs = self.follow([StatusReport(wamid, DeliveryStatus.ACCEPTED, at, key)])
        return Outcome(jobs=jobs, writes=[deliveries.accept(key, wamid, at=at, is_held=is_held)])

    async def _refused(
        self, job: Job, state: LaneState, refusal: Refusal, code: int | None = None
    ) -> Outcome:
        """Note why a message is not sent; outside the window, a template may take its place."""
        if not refusal.is_outside_window:
            logger.info("[whatsapp-frontend] message {} is not sent: {}", job.key, refusal.reason)
            return self.failed(job, f"not sent: {refusal.reason}", code)
        jobs, writes, changed, reason = await self.window.substitute(job, state)
        logger.warning("[whatsapp-frontend] message {} is not sent: {}", job.key, reason)
        failed = self.failed(job, f"not sent: {reason}", code)
        return replace(
            failed, state=changed, jobs=[*jobs, *failed.jobs], writes=[*failed.writes, *writes]
        )

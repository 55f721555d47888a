"""What becomes of a message outside the window: the configured template in its place, once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from loguru import logger

from domain.user import User
from domain.window import MESSAGING_WINDOW, is_window_closed
from jobs.model import Job, LaneState, NewJob, Outcome
from jobs.retry import PATIENT
from jobs.spec import EmptyBody, HandledJob, JobSpec, person_lane
from schemas.cloud_api_schema import OutgoingMessage, TemplateMessage
from services.clients.cloud_api.errors import Rejected
from services.sending.outbox import OUTBOX, Draft, QueueObserver, enqueue_messages
from services.sending.permission import WINDOW_CLOSED
from storage.engine.write import Write
from storage.tables.users import Users

#: Meta accepted a message, and refused it afterwards because the window was closed.
REFUSED_LATER = JobSpec("window_closed", EmptyBody, pool=OUTBOX, retry=PATIENT)
#: Meta's error code of a message outside the window.
OUTSIDE_WINDOW = 131047
#: Name in the state of the outbox's lane: when the template was sent, in seconds since 1970.
SENT_AT = "template_at"


class OutsideWindow(Rejected):
    """A direct message is outside the window, and no template may take its place."""

    def __init__(self) -> None:
        super().__init__(WINDOW_CLOSED, code=OUTSIDE_WINDOW)


def allowed(
    message: OutgoingMessage, user: User, template: TemplateMessage | None, now: datetime
) -> OutgoingMessage:
    """Return the message, or the template outside the window. Raise OutsideWindow."""
    if isinstance(message, TemplateMessage) or not is_window_closed(user, now):
        return message
    if template is None or user.opted_out_at is not None:
        raise OutsideWindow
    logger.info("the window is closed: the template {} is sent instead", template.name)
    return template


@dataclass(frozen=True, slots=True)
class ClosedWindow:
    """Sends a template in place of what may not be said; nobody gets a second one the same day."""

    template: TemplateMessage | None
    users: Users
    observers: Sequence[QueueObserver]
    now: Callable[[], datetime]

    def handled(self) -> HandledJob:
        """Return the job for messages that Meta refused afterwards, with its handler."""
        return REFUSED_LATER.handled_by(self.refused_later)

    async def refused_later(self, job: Job, body: EmptyBody, state: LaneState) -> Outcome:
        """Send the template after Meta refused a message that it had accepted."""
        jobs, writes, changed, _ = await self.substitute(job, state)
        return Outcome(changed, jobs, writes=writes)

    async def substitute(
        self, job: Job, state: LaneState
    ) -> tuple[list[NewJob], list[Write], LaneState, str]:
        """Return what sends the template, the lane's state, and why the message was refused."""
        number, user_key = person_lane(job)
        user = await self.users.get(user_key)
        if self.template is None or not self._may_be_sent(user, state):
            return [], [], state, WINDOW_CLOSED
        draft = Draft(self.template.payload())
        at = self.now()
        jobs, writes = enqueue_messages([draft], user, number, at=at, observers=self.observers)
        name = self.template.name
        logger.info("the window is closed: the template {} is sent instead", name)
        reason = f"{WINDOW_CLOSED}; the template {name} was sent instead"
        return jobs, writes, {**state, SENT_AT: at.timestamp()}, reason

    def _may_be_sent(self, user: User, state: LaneState) -> bool:
        if user.opted_out_at is not None or not (user.wa_id or user.user_id):
            return False
        sent_at = state.get(SENT_AT)
        if not isinstance(sent_at, int | float):
            return True
        return timedelta(seconds=self.now().timestamp() - sent_at) >= MESSAGING_WINDOW

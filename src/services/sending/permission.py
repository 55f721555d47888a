"""Whether a message may still be sent when its turn comes: who speaks by then, and the window."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.holder import Party, holder_of
from domain.user import User
from domain.window import is_window_closed
from jobs.model import Job
from jobs.spec import person_lane
from services.sending.outbox import SendJob
from storage.tables.users import Users

#: How operators and the log read who holds a conversation.
HOLDERS = {
    Party.OPERATOR: "an operator answers",
    Party.PHONE: "the owner answers from the phone",
    Party.META_AGENT: "Meta's agent answers",
    Party.NOBODY: "the person is blocked",
}
#: Why a message is refused outside the window.
WINDOW_CLOSED = (
    "the person wrote more than 24 hours ago, and WhatsApp lets only templates through until they "
    "write again"
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a message may not be sent."""

    reason: str
    #: Whether a template may be sent in its place.
    is_outside_window: bool = False


@dataclass(frozen=True, slots=True)
class SendPermission:
    """Decides at the last moment; templates, and the last message to an erased person, may go."""

    users: Users
    now: Callable[[], datetime]

    async def refusal(self, job: Job, body: SendJob) -> Refusal | None:
        """Return why a message may not be sent; None if it may."""
        if body.message is None or body.message["type"] == "template" or body.is_last:
            return None
        user, now = await self.users.get(person_lane(job).user_key), self.now()
        if not body.is_by_operator and (reason := _overtaken_reason(user, body, now)):
            return Refusal(reason)
        is_closed = is_window_closed(user, now)
        return Refusal(WINDOW_CLOSED, is_outside_window=True) if is_closed else None


def _overtaken_reason(user: User, body: SendJob, now: datetime) -> str | None:
    """Return who took the conversation since the bot decided to speak; None: nobody."""
    holder = holder_of(user, now)
    if holder.is_bot or holder.since is None or body.decided_at is None:
        return None
    return HOLDERS[holder.party] if holder.since.timestamp() > body.decided_at else None

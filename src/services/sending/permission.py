"""Whether a message may still be sent when its turn comes: who holds the conversation by then."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.holder import Party, holder_of
from domain.user import User
from jobs.model import Job
from services.sending.outbox import SendJob
from storage.tables.users import Users

#: How operators and the log read who holds a conversation.
HOLDERS = {
    Party.OPERATOR: "an operator answers",
    Party.PHONE: "the owner answers from the phone",
    Party.META_AGENT: "Meta's agent answers",
    Party.NOBODY: "the person is blocked",
}


@dataclass(frozen=True, slots=True)
class HolderGuard:
    """Keeps the bot from talking over whoever took the conversation since it decided to speak."""

    users: Users
    now: Callable[[], datetime]

    async def skip_reason(self, job: Job, body: SendJob) -> str | None:
        """Return who holds the conversation now, if the bot may not say this any more."""
        if body.is_by_operator or body.is_last or body.decided_at is None:
            return None
        if body.message is not None and body.message["type"] == "template":
            return None
        user = await self.users.get(user_key_of(job))
        return overtaken_reason(user, body.decided_at, self.now())


def overtaken_reason(user: User, decided_at: float, now: datetime) -> str | None:
    """Return who took the conversation after a moment, in seconds since 1970; None: nobody."""
    holder = holder_of(user, now)
    if holder.is_bot or holder.since is None or holder.since.timestamp() <= decided_at:
        return None
    return HOLDERS[holder.party]


def user_key_of(job: Job) -> str:
    """Return the key of the person that a job of the outbox is for."""
    return job.lane.split(":", 2)[2]

"""Messages that were decided, as jobs of the lane that sends them in order to one person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict

from domain.user import User
from jobs.model import Job, NewJob, Priority
from jobs.retry import PATIENT
from jobs.spec import JobSpec, Pool, WorkerProfile
from schemas.outgoing_text import SHOWN_TEXT, words_of
from storage.engine.write import Write
from storage.tables import deliveries, quotable
from storage.tables.deliveries import Label

#: Wait for a status to prove a send that Meta may have taken, before it is sent again.
REDELIVERY_GRACE = timedelta(seconds=20)

SENDING_WORKER = WorkerProfile("sending", redelivery_grace=REDELIVERY_GRACE, stop_order=9)
#: One lane for each recipient and phone number of ours: messages to one person keep their order.
OUTBOX = Pool("out", SENDING_WORKER, is_about_person=True, keeps_state=True)


class Upload(BaseModel):
    """A file of the bot that is uploaded to Meta before the message that shows it."""

    model_config = ConfigDict(frozen=True)

    #: Name in the folder of the bot's files: a path would not outlive a move.
    file: str
    mime_type: str


class SendJob(BaseModel):
    """One message to one person. Features may add fields of their own, which they read back."""

    model_config = ConfigDict(frozen=True, extra="allow")

    #: The person's `wa_id`.
    to: str | None = None
    #: The person's `user_id`, for people without a phone number.
    recipient: str | None = None
    #: Meta's JSON; None where nothing is sent and a message is only marked as read.
    message: dict[str, Any] | None = None
    upload: Upload | None = None
    #: Id of the message to mark as read along with it.
    read: str | None = None
    #: When it was decided, in seconds since 1970; jobs of older versions have none.
    decided_at: float | None = None
    #: True for what an operator wrote: it is sent whoever holds the conversation.
    is_by_operator: bool = False
    #: True for the last message to an erased person: nothing of it is kept once it has ended.
    is_last: bool = False


SEND = JobSpec("send", SendJob, pool=OUTBOX, retry=PATIENT)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is sent, without the recipient. `extra` are fields that a feature adds to the job."""

    message: dict[str, Any] | None
    upload: Upload | None = None
    extra: dict[str, Any] | None = None
    #: Delivery id, where somebody has been told it before.
    id: str | None = None
    #: What statistics count it as.
    label: Label | None = None
    #: What the person reads, where the message does not say it: of a template.
    text: str | None = None


class TakenBack(Exception):
    """A feature takes a message out of the outbox, and sends it later.

    `writes` note when, and `jobs` see to it.
    """

    def __init__(self, jobs: Sequence[NewJob], writes: Sequence[Write]) -> None:
        self.jobs, self.writes = jobs, writes


class SendGuard(Protocol):
    """Decides at the last moment whether a message may still be sent."""

    async def skip_reason(self, job: Job, body: SendJob) -> str | None:
        """Return why a message is not to be sent; None if it is. Raise TakenBack if it waits."""
        ...


class QueueObserver(Protocol):
    """Receives every message that waits to be sent."""

    def message_queued(
        self, key: str, user: User, message: dict[str, Any], at: datetime
    ) -> Sequence[Write]: ...


def enqueue_messages(
    drafts: Sequence[Draft],
    user: User,
    phone_number_id: str,
    *,
    at: datetime,
    read: str | None = None,
    observers: Iterable[QueueObserver] = (),
    priority: Priority | None = None,
    is_by_operator: bool = False,
    is_quotable: bool = True,
) -> tuple[list[NewJob], list[Write]]:
    """Return jobs and rows for messages to one person.

    `read` is the message to mark as read along with the first. Without a `priority` they have that
    of the job that decides on them. What may be quoted later is kept for some weeks.
    """
    lane = OUTBOX.lane(phone_number_id, user.key)
    jobs: list[NewJob] = []
    writes: list[Write] = []
    watching = list(observers)
    for number, draft in enumerate(drafts):
        key = draft.id or deliveries.new_id(at)
        body = SendJob(
            to=user.wa_id,
            recipient=user.user_id,
            message=draft.message,
            upload=draft.upload,
            read=read if number == 0 else None,
            decided_at=at.timestamp(),
            is_by_operator=is_by_operator,
            **(draft.extra or {}),
        )
        jobs.append(SEND.new(lane, body, key=key, priority=priority))
        if draft.message is not None:
            kind = draft.message["type"]
            added = deliveries.add(key, user_key=user.key, kind=kind, at=at, label=draft.label)
            writes.append(added)
            shown = {**draft.message, SHOWN_TEXT: draft.text} if draft.text else draft.message
            words = words_of(shown) if is_quotable else None
            if words:
                writes.append(quotable.add(key, user_key=user.key, text=words, at=at))
            for one in watching:
                writes += one.message_queued(key, user, shown, at)
    return jobs, writes

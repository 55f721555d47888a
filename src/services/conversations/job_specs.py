"""The jobs of a conversation: messages and timers of people, and events that nobody wrote."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.inbound import Inbound
from jobs.model import Job
from jobs.retry import INTERACTIVE
from jobs.spec import JobSpec, Pool, TimerSpec, WorkerProfile, person_lane
from schemas.reading import read_inbound

CONVERSATION_WORKER = WorkerProfile("conversations", stop_order=0)
#: One lane for each person and phone number of ours; it holds the `ConversationState`.
CONVERSATIONS = Pool("in", CONVERSATION_WORKER, is_about_person=True)
#: What nobody wrote: lanes for each phone number, field and some of the people.
EVENTS = Pool("other", CONVERSATION_WORKER, quotes_people=True)


class TimerJob(BaseModel):
    """A timer of an open form. `turn` is the one that set it: a stale timer is ignored."""

    model_config = ConfigDict(frozen=True)

    timer: str
    turn: int
    #: When it was due, in seconds since 1970; jobs of older versions have none.
    due: float | None = None
    #: What is done then, where it is no timer of a form: see `schedule`.
    later: dict[str, Any] | None = None


class EventJob(BaseModel):
    """An event of a webhook, as it came: `value` holds what was not read otherwise."""

    model_config = ConfigDict(frozen=True)

    #: Meta's name of the field, such as "calls" or "message_template_status_update".
    field: str
    value: Any = None
    #: Id of the business account and Meta's time of the event, in seconds since 1970: "102…:1764…".
    origin: str = ""


class StopOffersJob(BaseModel):
    """The person chose in WhatsApp to get no more offers."""

    model_config = ConfigDict(frozen=True)

    #: How the consent log tells it.
    detail: str = "stopped in WhatsApp"


class EchoJob(BaseModel):
    """A message that somebody else sent to the person from our number."""

    model_config = ConfigDict(frozen=True)

    message_id: str
    #: Meta's type of the message.
    kind: str
    text: str | None = None
    #: Seconds since 1970.
    sent_at: float | None = None
    #: Whether Meta's agent sent it; else the owner did, from the phone.
    is_by_agent: bool = False


class HandoverJob(BaseModel):
    """The conversation passed to us, or to another app."""

    model_config = ConfigDict(frozen=True)

    is_ours: bool
    #: Meta's role of the other app.
    role: str | None = None
    #: What the other app told about it.
    note: str | None = None
    #: Seconds since 1970.
    at: float | None = None


MESSAGE = JobSpec("message", Inbound, pool=CONVERSATIONS, retry=INTERACTIVE, read=read_inbound)
TIMER = TimerSpec(TimerJob, pool=CONVERSATIONS, retry=INTERACTIVE)
EVENT = JobSpec("other", EventJob, pool=EVENTS, retry=INTERACTIVE)
ECHO = JobSpec("echo", EchoJob, pool=CONVERSATIONS, retry=INTERACTIVE)
HANDOVER = JobSpec("handover", HandoverJob, pool=CONVERSATIONS, retry=INTERACTIVE)
#: The person chose in WhatsApp to get no more offers.
STOP_OFFERS = JobSpec("no_offers", StopOffersJob, pool=CONVERSATIONS, retry=INTERACTIVE)


def conversation_lane(job: Job) -> str:
    """Return the lane of the conversation with the person whom a job is about."""
    return CONVERSATIONS.lane(*person_lane(job))

"""What webhooks hold besides messages and statuses: the core and features handle it by field."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from domain.inbound import Sender
from jobs.model import Job, Json, NewJob, Outcome
from jobs.spec import JobSpec, NoBody
from services.conversations.job_specs import CONVERSATIONS, STOP_OFFERS, EventJob
from services.conversations.marketing_preferences import opted_out_senders
from storage.engine.write import Write
from storage.people.identities import Identities


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """One event of a webhook, as Meta sent it."""

    #: Meta's name of the field, such as "calls" or "message_template_status_update".
    field: str
    #: Meta's JSON: the value of the change, without the parts that the bot reads by itself.
    value: Any
    #: "-" for events of the whole account.
    phone_number_id: str
    #: Names the event: a redelivery of it has the same.
    key: str


@dataclass(frozen=True, slots=True)
class EventDecisions:
    """What an event leads to; it commits together with the end of the event's job."""

    jobs: Sequence[NewJob] = ()
    writes: Sequence[Write] = ()


#: Handles the events of one field. Raises to be tried again; may run again after a crash.
EventHandler = Callable[[WebhookEvent], Awaitable[EventDecisions]]


@dataclass(frozen=True, slots=True)
class WebhookEvents:
    """Runs the handlers of an event's field."""

    identities: Identities
    #: Handlers of the features, by Meta's name of the field.
    handlers: Mapping[str, Sequence[EventHandler]]

    async def handle(self, job: Job, body: EventJob, state: Mapping[str, Json]) -> Outcome:
        """Keep an event, and commit what the core and the features decide about it."""
        phone_number_id = job.lane.partition(":")[2]
        event = WebhookEvent(body.field, body.value, phone_number_id, job.key or job.origin)
        stopped = [(sender, NoBody()) for sender in opted_out_senders(body.value)]
        jobs = await self.jobs_for_people(event, STOP_OFFERS, stopped)
        writes: list[Write] = []
        for handle in self.handlers.get(body.field, ()):
            decided = await handle(event)
            jobs += decided.jobs
            writes += decided.writes
        return Outcome(jobs=jobs, writes=writes)

    async def jobs_for_people(
        self, event: WebhookEvent, spec: JobSpec[Any], people: Iterable[tuple[Sender, BaseModel]]
    ) -> list[NewJob]:
        """Return a job for each person of an event, in the lane of their conversation.

        `spec` is a job of the pool CONVERSATIONS; a redelivered event makes no second job.
        """
        pairs = list(people)
        keys = await self.identities.resolve([sender for sender, _ in pairs])
        jobs: list[NewJob] = []
        for number, (user_key, (_, body)) in enumerate(zip(keys, pairs, strict=True)):
            lane = CONVERSATIONS.lane(event.phone_number_id, user_key)
            jobs.append(spec.new(lane, body, key=f"{spec.kind}:{number}:{lane}:{event.key}"))
        return jobs

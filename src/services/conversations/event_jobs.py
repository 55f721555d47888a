"""Handles what webhooks hold besides messages and statuses, by field."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from domain.inbound import Sender
from jobs.model import Job, LaneState, NewJob, Outcome
from jobs.spec import HandledJob, JobSpec
from services.conversations.decisions import Decisions
from services.conversations.job_specs import (
    CONVERSATIONS,
    EVENT,
    STOP_OFFERS,
    EventJob,
    StopOffersJob,
)
from services.conversations.marketing_preferences import opted_out_senders
from services.conversations.profile import stop_offers
from services.conversations.turn import ConversationTurn
from services.conversations.turn_runner import TurnRunner
from services.conversations.webhook_events import WebhookEvent, read_origin
from storage.engine.write import Write
from storage.people.identities import Identities


@dataclass(frozen=True, slots=True)
class EventJobs:
    """Keeps events, and passes on what concerns the conversation of a person."""

    runner: TurnRunner
    identities: Identities

    def handled(self) -> tuple[HandledJob, ...]:
        """Return the jobs of events, with their handlers."""
        return (EVENT.handled_by(self.handle_event), STOP_OFFERS.handled_by(self.stop_offers))

    async def handle_event(self, job: Job, body: EventJob, state: LaneState) -> Outcome:
        """Keep an event, and commit what the core and the features decide about it."""
        phone_number_id = job.lane.split(":")[1]
        key = job.key or str(job.id)
        account_id, at = read_origin(body.origin)
        event = WebhookEvent(body.field, body.value, phone_number_id, key, account_id, at)
        stopped = [(sender, StopOffersJob()) for sender in opted_out_senders(body.value)]
        jobs = await self.jobs_for_people(event, STOP_OFFERS, stopped)
        writes: list[Write] = []
        for handle in self.runner.context.extensions.events.get(body.field, ()):
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

    async def stop_offers(self, job: Job, body: StopOffersJob, state: LaneState) -> Outcome:
        """Note that a person told WhatsApp that they want no offers."""

        async def decide(turn: ConversationTurn) -> Decisions:
            return stop_offers(turn, body.detail)

        return await self.runner.run("preference", job, state, decide)

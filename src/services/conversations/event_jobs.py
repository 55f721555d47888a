"""Handles events of webhooks that nobody wrote: preferences that people set in WhatsApp itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from jobs.model import Job, Json, Outcome
from jobs.spec import HandledJob, NoBody
from services.conversations.decisions import Decisions
from services.conversations.job_specs import CONVERSATIONS, EVENT, STOP_OFFERS, EventJob
from services.conversations.marketing_preferences import opted_out_senders
from services.conversations.profile import agree_to_marketing
from services.conversations.turn import ConversationTurn
from services.conversations.turn_runner import TurnRunner
from storage.people.identities import Identities


@dataclass(frozen=True, slots=True)
class EventJobs:
    """Keeps events, and passes on what concerns the conversation of a person."""

    runner: TurnRunner
    identities: Identities

    def handled(self) -> tuple[HandledJob, ...]:
        """Return the jobs of events, with their handlers."""
        return (EVENT.handled_by(self.handle_event), STOP_OFFERS.handled_by(self.stop_offers))

    async def handle_event(self, job: Job, body: EventJob, state: Mapping[str, Json]) -> Outcome:
        """Keep an event; people who chose to get no more offers are noted in their own lane."""
        phone_number_id = job.lane.partition(":")[2]
        people = await self.identities.resolve(list(opted_out_senders(body.value)))
        lanes = [CONVERSATIONS.lane(phone_number_id, key) for key in people]
        jobs = [STOP_OFFERS.new(lane, NoBody(), key=f"{lane}:{job.key}") for lane in lanes]
        return Outcome(jobs=jobs)

    async def stop_offers(self, job: Job, body: NoBody, state: Mapping[str, Json]) -> Outcome:
        """Note that a person told WhatsApp that they want no offers."""

        async def decide(turn: ConversationTurn) -> Decisions:
            return agree_to_marketing(turn, wanted=False)

        return await self.runner.run("preference", job, state, decide)

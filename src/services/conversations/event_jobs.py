"""Handles events of webhooks that nobody wrote: preferences that people set in WhatsApp itself.

Source: developers.facebook.com/docs/whatsapp/cloud-api/webhooks/reference/user_preferences
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from domain.inbound import Sender
from jobs.model import Job, Json, Outcome
from jobs.spec import HandledJob, NoBody
from schemas.reading import identifier
from services.conversations.decisions import Decisions
from services.conversations.job_specs import CONVERSATIONS, EVENT, STOP_OFFERS, EventJob
from services.conversations.profile import agree_to_marketing
from services.conversations.turn import ConversationTurn
from services.conversations.turn_runner import TurnRunner
from storage.people.identities import Identities

FIELD = "user_preferences"
MARKETING, STOP = "marketing_messages", "stop"


class _Preference(BaseModel):
    wa_id: Any = None
    user_id: Any = None
    category: str
    value: str


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


def opted_out_senders(value: Any) -> Iterator[Sender]:
    """Return the people of a `user_preferences` event who want no offers; of others, nobody."""
    found = value.get(FIELD) if isinstance(value, dict) else None
    for one in found if isinstance(found, list) else ():
        try:
            told = _Preference.model_validate(one)
        except ValidationError:
            continue
        sender = Sender(identifier(told.user_id), identifier(told.wa_id))
        is_somebody = sender.user_id or sender.wa_id
        if told.category == MARKETING and told.value == STOP and is_somebody:
            yield sender

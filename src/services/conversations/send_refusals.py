"""What else follows from a message that Meta refused, at once or afterwards."""

from jobs.model import Job, NewJob
from services.conversations.job_specs import STOP_OFFERS, StopOffersJob, conversation_lane

#: Meta's error code of a marketing message to a person who stopped them in WhatsApp.
OFFERS_STOPPED = 131050
#: How the consent log tells it.
STOPPED_IN_WHATSAPP = f"stopped in WhatsApp ({OFFERS_STOPPED})"


def consequences(job: Job, code: int | None) -> list[NewJob]:
    """Return the jobs that follow from the refusal of a job of the outbox."""
    if code != OFFERS_STOPPED:
        return []
    body = StopOffersJob(detail=STOPPED_IN_WHATSAPP)
    return [STOP_OFFERS.new(conversation_lane(job), body, key=f"no_offers:{job.key}")]

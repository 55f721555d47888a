"""The jobs of broadcasts: one lane for each broadcast."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from features.broadcasts.state import BroadcastPlan, Command
from jobs.retry import ENDLESS
from jobs.spec import EmptyBody, JobSpec, Pool, TimerSpec, WorkerProfile
from services.sending.outbox import SendJob

BROADCASTS_POOL = Pool(
    "broadcast", WorkerProfile("broadcasts", max_lanes=8, stop_order=3), keeps_state=True
)


class CommandJob(BaseModel):
    """A command of operators, with what they had written by then."""

    model_config = ConfigDict(frozen=True)

    command: Command
    plan: BroadcastPlan


COMMAND = JobSpec("broadcast", CommandJob, pool=BROADCASTS_POOL, retry=ENDLESS)
#: Time for the next page of people.
PAGE_TIMER = TimerSpec(EmptyBody, pool=BROADCASTS_POOL, retry=ENDLESS)


def lane_of(broadcast_id: str) -> str:
    """Return the lane of a broadcast."""
    return BROADCASTS_POOL.lane(broadcast_id)


class BroadcastReference(BaseModel):
    """Says in the job of a message which broadcast it belongs to."""

    model_config = ConfigDict(frozen=True)

    id: str
    #: Meta's category of the template.
    category: str

    def as_extra(self) -> dict[str, Any]:
        """Return the fields that the job carries."""
        return {"broadcast": self.model_dump()}

    @classmethod
    def of(cls, body: SendJob) -> "BroadcastReference | None":
        """Return the reference of a message; None if it belongs to no broadcast."""
        found = (body.model_extra or {}).get("broadcast")
        return None if found is None else cls.model_validate(found)

"""The job that tells one endpoint of one event."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from jobs.retry import RetryPolicy
from jobs.spec import JobSpec, Pool, WorkerProfile

#: Twelve attempts within a day: pauses from 42 seconds, doubled each time.
FOR_A_DAY = RetryPolicy(tries=12, first=timedelta(seconds=42), longest=timedelta(hours=12))
#: One lane for each endpoint and subject: events of one subject keep their order.
CALLBACKS = Pool("callback", WorkerProfile("callbacks", max_lanes=100, stop_order=5))


class DeliverJob(BaseModel):
    """Ids of the event and of the endpoint."""

    model_config = ConfigDict(frozen=True)

    event: str
    endpoint: str


DELIVER = JobSpec("callback", DeliverJob, pool=CALLBACKS, retry=FOR_A_DAY)

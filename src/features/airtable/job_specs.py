"""The jobs that keep a base in step: one lane for each base."""

from jobs.retry import ENDLESS
from jobs.spec import EmptyBody, JobSpec, Pool, TimerSpec, WorkerProfile

SYNC_POOL = Pool("airtable", WorkerProfile("airtable", max_lanes=1, stop_order=2), keeps_state=True)
#: Operators changed something: look now.
SYNC = JobSpec("console", EmptyBody, pool=SYNC_POOL, retry=ENDLESS)
#: Time for the next cycle.
SYNC_TIMER = TimerSpec(EmptyBody, pool=SYNC_POOL, retry=ENDLESS)

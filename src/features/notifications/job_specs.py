"""The jobs of notifications: one lane for each tenant, which releases what is due in pages."""

from typing import Any

from jobs.retry import ENDLESS
from jobs.spec import EmptyBody, JobSpec, Pool, TimerSpec, WorkerProfile
from services.sending.outbox import SendJob

NOTIFICATIONS_POOL = Pool(
    "notify", WorkerProfile("notifications", max_lanes=8, stop_order=3), keeps_state=True
)

#: Something new may be due.
RELEASE = JobSpec("release_notifications", EmptyBody, pool=NOTIFICATIONS_POOL, retry=ENDLESS)
#: The next page is due.
PAGE_TIMER = TimerSpec(EmptyBody, pool=NOTIFICATIONS_POOL, retry=ENDLESS)


def lane_of(tenant: str) -> str:
    """Return the lane of a tenant's notifications."""
    return NOTIFICATIONS_POOL.lane(tenant)


#: Field of a job of the outbox that belongs to a notification.
_MARK = "notification"


def mark(category: str) -> dict[str, Any]:
    """Return the field by which a job of the outbox says that it is a notification."""
    return {_MARK: {"category": category}}


def marked_category(body: SendJob) -> str | None:
    """Return the category of the template; None for a message that is no notification."""
    found = (body.model_extra or {}).get(_MARK)
    return None if found is None else str(found["category"])

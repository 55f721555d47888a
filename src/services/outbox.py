"""Messages that were decided, as jobs of the lane that sends them in order to one person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from domain.user import User
from lanes.model import NewJob
from storage import deliveries
from storage.write import Write


def outbox(
    bodies: Sequence[dict[str, Any]],
    user: User,
    phone_number_id: str,
    *,
    origin: str,
    at: datetime,
    read: str | None = None,
) -> tuple[list[NewJob], list[Write]]:
    """Jobs and delivery rows for bodies of "message" and "upload".

    `origin` is unique for what decided on them. `read` is the message to mark as read along with
    the first.
    """
    to = {"to": user.wa_id, "recipient": user.user_id}
    jobs = [
        NewJob(
            f"out:{phone_number_id}:{user.key}",
            "send",
            {**to, **body, "read": read if number == 0 else None},
            key=f"{origin}.{number}",
        )
        for number, body in enumerate(bodies)
    ]
    rows = [
        deliveries.add(str(new.key), user_key=user.key, kind=new.body["message"]["type"], at=at)
        for new in jobs
        if new.body["message"]
    ]
    return jobs, rows

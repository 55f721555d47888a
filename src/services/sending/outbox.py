"""Messages that were decided, as jobs of the lane that sends them in order to one person."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.lane_names import lane_name
from domain.user import User
from features.airtable.tables import messages
from jobs.model import NewJob
from storage.engine.write import Write
from storage.tables import deliveries


def outbox(
    bodies: Sequence[dict[str, Any]],
    user: User,
    phone_number_id: str,
    *,
    origin: str,
    at: datetime,
    read: str | None = None,
    shown: bool = False,
) -> tuple[list[NewJob], list[Write]]:
    """Jobs and delivery rows for bodies of "message" and "upload".

    What is of a broadcast has its "id" and "category" as "broadcast" besides.
    `origin` is unique for what decided on them. `read` is the message to mark as read along with
    the first. `shown` lets operators read along.
    """
    to = {"to": user.wa_id, "recipient": user.user_id}
    jobs = [
        NewJob(
            lane_name("out", phone_number_id, user.key),
            "send",
            {**to, **body, "read": read if number == 0 else None},
            key=f"{origin}.{number}",
        )
        for number, body in enumerate(bodies)
    ]
    sent = [(str(new.key), new.body["message"]) for new in jobs if new.body["message"]]
    rows = [
        deliveries.add(key, user_key=user.key, kind=message["type"], at=at) for key, message in sent
    ]
    if shown:
        rows += [
            messages.add(
                key,
                user_key=user.key,
                direction="out",
                kind=message["type"],
                text=_words_of(message),
                at=at,
            )
            for key, message in sent
        ]
    return jobs, rows


def _words_of(message: Mapping[str, Any]) -> str | None:
    """What a person reads first in a message; of a template, its name."""
    content = message[message["type"]]
    match message["type"]:
        case "text":
            return str(content["body"])
        case "interactive":
            return str((content.get("body") or {}).get("text") or "") or None
        case "template":
            return str(content["name"])
    return content.get("caption") if isinstance(content, Mapping) else None

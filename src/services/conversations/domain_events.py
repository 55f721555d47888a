"""The domain events of conversations, and who listens to them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from domain.conversation_status import HELD_STATUSES, ConversationStatus
from domain.domain_event import DomainEvent
from domain.user import User
from services.conversations.decisions import Decisions
from services.conversations.turn import NO_MESSAGE, ConversationTurn


class EventListener(Protocol):
    """Hears what happens, and decides what is stored in the same commit."""

    def wants(self, event_type: str) -> bool:
        """Return whether events of this type are heard."""
        ...

    def heard(self, event: DomainEvent) -> Decisions:
        """Decide on an event: jobs and writes, and nothing else."""
        ...


#: Type of the event of a message.
MESSAGE_RECEIVED = "message.received"


def message_received(before: ConversationTurn, after: ConversationTurn) -> DomainEvent | None:
    """Return the event of a turn that a message began; None for all other turns."""
    message = after.message
    if before.message is NO_MESSAGE or before.message.joined:
        return None
    attachment = message.attachment
    data = {
        "message_id": message.message_id,
        "kind": message.kind,
        "sent_at": (message.sent_at or after.now).isoformat(),
        "phone_number_id": after.phone_number_id,
        "quotes": message.quotes,
        "edits": message.edits,
        "flow": after.state.flow.flow if after.state.flow else None,
    }
    said = {"text": message.text, "choice": message.choice, "description": message.description}
    said["media_id"] = attachment.media_id if attachment else None
    return about(
        after.user,
        MESSAGE_RECEIVED,
        f"message:{message.message_id}",
        after.now,
        data,
        said,
    )


def holder_changed(user: User, was: str | None, at: datetime) -> DomainEvent | None:
    """Return the event of a handoff: opened, answered or closed; None for other changes."""
    name = _handoff(was, user.status)
    if name is None:
        return None
    data = {"status": user.status or ConversationStatus.BOT}
    return about(user, f"handoff.{name}", f"{name}:{user.key}:{at.timestamp()}", at, data)


def _handoff(was: str | None, status: str | None) -> str | None:
    if was == status:
        return None
    if status == ConversationStatus.NEEDS_HUMAN:
        return "opened"
    if status in HELD_STATUSES:
        return "answered"
    return "closed" if was in HELD_STATUSES else None


def record_saved(
    user: User, collection: str, fields: Mapping[str, object], at: datetime
) -> DomainEvent:
    """Return the event of what a flow saved."""
    record = record_name(collection, at)
    data = {"record": record, "collection": collection, "status": None}
    return about(user, "record.saved", record, at, data, {"fields": dict(fields)})


def record_name(collection: str, created_at: datetime) -> str:
    """Return by what other programs know a record: its number is given by the commit only."""
    return f"{collection}-{round(created_at.timestamp() * 1_000_000)}"


def about(
    user: User,
    event_type: str,
    event_id: str,
    at: datetime,
    data: Mapping[str, Any],
    private: Mapping[str, Any] | None = None,
) -> DomainEvent:
    """Return an event about a person, with what identifies them."""
    known = {"phone": user.phone, "name": user.full_name or user.profile_name}
    return DomainEvent(
        event_type,
        event_id,
        at,
        subject=f"person:{user.key}",
        data={"user_id": user.user_id, **data},
        private={**known, **(private or {})},
        user_key=user.key,
    )

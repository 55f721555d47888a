"""The event of a record that an operator changed."""

from collections.abc import Collection, Mapping
from datetime import datetime

from domain.domain_event import DomainEvent
from domain.user import User
from services.conversations.domain_events import about, record_name


def record_changed(
    user: User,
    collection: str,
    created_at: datetime,
    at: datetime,
    *,
    status: str | None,
    fields: Mapping[str, object],
    changed: Collection[str],
) -> DomainEvent:
    """Return the event; `changed` has the names of what changed."""
    record = record_name(collection, created_at)
    data = {"record": record, "collection": collection, "status": status}
    data_and_names = {**data, "changed": sorted(changed)}
    event_id = f"{record}:{at.timestamp()}"
    return about(user, "record.changed", event_id, at, data_and_names, {"fields": dict(fields)})

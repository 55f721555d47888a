"""Who gets a broadcast, and why others do not."""

from collections.abc import Set
from datetime import datetime

from features.airtable.tables.contacts import Contact
from features.broadcasts.state import BroadcastPlan
from features.templates.consent import MARKETING_AGAIN, objection_to
from features.templates.model import MARKETING


def matches_tags(tags: Set[str], plan: BroadcastPlan) -> bool:
    """Whether the tags of a person fit."""
    return not tags & plan.exclude and (not plan.include or bool(tags & plan.include))


def skip_reason(
    row: Contact, broadcast_id: str, category: str, now: datetime, *, was_erased: bool
) -> str | None:
    """Why somebody who is meant gets nothing of this broadcast; None if they do."""
    if row.erase_at is not None:
        return "to be erased"
    if found := objection_to(row.user, category, was_erased=was_erased):
        return found
    if category != MARKETING or row.broadcast_id == broadcast_id:  # claimed before a crash
        return None
    if row.broadcast_at is not None and now - row.broadcast_at < MARKETING_AGAIN:
        return "had marketing within a day"
    return None

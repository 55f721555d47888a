"""Who gets a broadcast, and why others do not."""

from collections.abc import Set
from datetime import datetime, timedelta

from domain.conversation_status import ConversationStatus
from domain.user import User
from features.airtable.tables.contacts import Contact
from features.broadcasts.state import BroadcastPlan

#: Between two pieces of marketing for one person.
MARKETING_AGAIN = timedelta(days=1)
MARKETING = "MARKETING"


def matches_tags(tags: Set[str], plan: BroadcastPlan) -> bool:
    """Whether the tags of a person fit."""
    return not tags & plan.exclude and (not plan.include or bool(tags & plan.include))


def ineligible_reason(person: User, category: str) -> str | None:
    """What stands against any broadcast of this category to a person."""
    if person.opted_out_at is not None:
        return "wrote STOP"
    if person.status == ConversationStatus.BLOCKED:
        return "blocked"
    if category == MARKETING and person.marketing_at is None:
        return "did not agree to marketing"
    return None


def skip_reason(
    row: Contact, broadcast_id: str, category: str, now: datetime, *, was_erased: bool
) -> str | None:
    """Why somebody who is meant gets nothing of this broadcast; None if they do."""
    if row.erase_at is not None:
        return "to be erased"
    # What they agreed to before was erased with the rest.
    if was_erased and row.user.marketing_at is None:
        return "had their data erased"
    if found := ineligible_reason(row.user, category):
        return found
    if category != MARKETING or row.broadcast_id == broadcast_id:  # claimed before a crash
        return None
    if row.broadcast_at is not None and now - row.broadcast_at < MARKETING_AGAIN:
        return "had marketing within a day"
    return None

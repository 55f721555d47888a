"""Who gets a broadcast, and why others do not."""

from collections.abc import Set

from features.airtable.tables.contacts import Contact
from features.broadcasts.state import BroadcastPlan
from features.templates.consent import objection_to
from features.templates.model import MARKETING

#: Why somebody gets no second piece of marketing.
HAD_MARKETING = "had marketing within a day"


def matches_tags(tags: Set[str], plan: BroadcastPlan) -> bool:
    """Whether the tags of a person fit."""
    return not tags & plan.exclude and (not plan.include or bool(tags & plan.include))


def skip_reason(row: Contact, category: str, *, was_erased: bool, is_marketed: bool) -> str | None:
    """Why somebody who is meant gets nothing of a broadcast; None if they do.

    `is_marketed`: they got other marketing within a day, of a broadcast or a notification.
    """
    if row.erase_at is not None:
        return "to be erased"
    if found := objection_to(row.user, category, was_erased=was_erased):
        return found
    return HAD_MARKETING if is_marketed and category == MARKETING else None

"""What a dry run shows: what would be sent, to whom, and as what."""

from collections import Counter
from collections.abc import Sequence

from features.notifications.checks import CheckedItem
from features.notifications.schema import DryRunResult, Preview
from features.notifications.stage import Status


def dry_run_of(checked: Sequence[CheckedItem]) -> DryRunResult:
    """Return what would be sent, to whom, and as what."""
    good = [one for one in checked if not one.problems]
    phones = [one.read.phone for one in good if one.read.phone is not None]
    return DryRunResult(
        items=[preview_of(one) for one in checked],
        would_send=len(good),
        by_category=dict(Counter(one.category for one in good)),
        by_country_code=dict(Counter(one.country_code for one in phones)),
    )


def preview_of(one: CheckedItem) -> Preview:
    """Return what a dry run says of an item."""
    return Preview(
        reference=one.read.item.reference,
        status=Status.REFUSED if one.problems else Status.PENDING,
        text=one.text or None,
        language=one.template.language if one.template else None,
        category=one.category,
        errors=list(one.problems),
    )

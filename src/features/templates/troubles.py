"""What operators have to know of a change: a template that stops, or costs more."""

from features.templates.model import DISABLED, PAUSED, Template

#: Statuses in which a template cannot be sent, and that nobody here chose.
STOPPED = frozenset({"REJECTED", PAUSED, DISABLED, "LIMIT_EXCEEDED"})
POOR_QUALITIES = frozenset({"YELLOW", "RED"})
#: Why a template that may still be sent is in danger.
WARNINGS = frozenset({"FLAGGED", "LOCKED"})
WHERE = "WhatsApp Manager > Message templates says more."


def trouble(before: Template | None, after: Template) -> str | None:
    """Return what is wrong since a change, with the next step; None if nothing is."""
    found = _trouble(before, after)
    return None if found is None else f"Template {after.name} ({after.language}): {found}"


def _trouble(before: Template | None, after: Template) -> str | None:
    if after.status in STOPPED and (before is None or before.status != after.status):
        return _stopped(after)
    if before is None:
        return None
    if after.category != before.category:
        return (
            f"Meta changed its category from {before.category} to {after.category}, which changes "
            "its price and who may get it. Check who gets it, or appeal in WhatsApp Manager."
        )
    if after.quality != before.quality and after.quality in POOR_QUALITIES:
        return f"people block or report it: its quality is {after.quality}. Change it, or pause it."
    if after.reason != before.reason and after.reason:
        if after.reason in WARNINGS:
            return f"Meta says {after.reason}: it may be disabled soon. {WHERE}"
        if after.category_changed_at != before.category_changed_at:
            return f"{after.reason} on {after.category_changed_at:%Y-%m-%d}. {WHERE}"
    return None


def _stopped(after: Template) -> str:
    because = f" ({after.reason})" if after.reason else ""
    if after.status == PAUSED and after.paused_until is not None:
        until = f"{after.paused_until:%Y-%m-%d %H:%M} UTC"
        return f"Meta paused it until {until}{because}. Nothing is sent with it until then."
    return f"Meta says {after.status}{because}. It may not be sent any more. {WHERE}"

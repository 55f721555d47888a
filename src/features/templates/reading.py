"""Reads what Meta says about templates: its list, and the values of its webhooks.

A webhook is read by its content: Meta's own sample of a quality update has the field name of a
status update. Sources: the reference of each webhook field, September 2026.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.json import JsonObject
from features.templates.model import APPROVED, NAMED, PAUSED, POSITIONAL, UTILITY, Template

#: Webhook fields about templates.
FIELDS = (
    "message_template_status_update",
    "message_template_quality_update",
    "message_template_components_update",
    "template_category_update",
)
#: How long a pause lasts, by its name in the webhook.
PAUSES = {"FIRST_PAUSE": timedelta(hours=3), "SECOND_PAUSE": timedelta(hours=6)}
#: Events that leave the status as it was, or say it in another word.
_STATUSES = {"REINSTATED": APPROVED, "FLAGGED": "", "LOCKED": "", "UNLOCKED": "", "UNARCHIVED": ""}
#: Components by the names that a webhook has for their texts.
_TEXTS = {
    "HEADER": "message_template_title",
    "BODY": "message_template_element",
    "FOOTER": "message_template_footer",
}


def read_listed(
    account_id: str, listed: Sequence[Mapping[str, Any]], at: datetime
) -> dict[str, Template]:
    """Return the templates of Meta's list by `Template.key`; what has no name is left out."""
    found = [_listed(account_id, one, at) for one in listed if one.get("name")]
    return {one.key: one for one in found}


def _listed(account_id: str, given: Mapping[str, Any], at: datetime) -> Template:
    quality = given.get("quality_score")
    score = quality.get("score") if isinstance(quality, Mapping) else quality
    components: Sequence[JsonObject] = given.get("components") or ()
    is_named = str(given.get("parameter_format") or "").upper() == NAMED
    return Template(
        account_id,
        str(given["name"]),
        str(given.get("language") or ""),
        meta_id=str(given.get("id") or ""),
        status=str(given.get("status") or ""),
        quality=str(score or "UNKNOWN"),
        category=str(given.get("category") or UTILITY),
        previous_category=str(given.get("previous_category") or ""),
        reason=_reason(given.get("rejected_reason")),
        parameter_format=NAMED if is_named else POSITIONAL,
        components=list(components),
        updated_at=at,
    )


def merge(before: Template | None, listed: Template) -> Template:
    """Return what is known after a list: it has no pauses and no times of changes."""
    if before is None:
        return listed
    is_paused = listed.status == PAUSED
    return replace(
        listed,
        previous_category=listed.previous_category or before.previous_category,
        category_changed_at=before.category_changed_at,
        reason=listed.reason or (before.reason if listed.status == before.status else ""),
        paused_until=before.paused_until if is_paused else None,
    )


def after_event(before: Template, value: Mapping[str, Any], at: datetime) -> Template:
    """Return what is known of a template after a webhook about it; `at` is Meta's time."""
    if "new_quality_score" in value:
        return replace(before, quality=str(value["new_quality_score"]))
    if "new_category" in value or "correct_category" in value:
        return _after_category(before, value, at)
    if "message_template_element" in value:
        return replace(before, components=_after_texts(before, value))
    event = str(value.get("event") or "")
    if not event:
        return before
    status = _STATUSES.get(event, event) or before.status
    reason = event if event in ("FLAGGED", "LOCKED") else _reason(value.get("reason"))
    until = _pause_end(value, at) if event == PAUSED else before.paused_until
    if status != PAUSED:
        until = None
    return replace(before, status=status, reason=reason, paused_until=until)


def _after_category(before: Template, value: Mapping[str, Any], at: datetime) -> Template:
    """Change the category, or note when Meta is going to."""
    coming = value.get("correct_category")
    stamp = str(value.get("category_update_timestamp"))
    when = datetime.fromtimestamp(int(stamp), UTC) if stamp.isdecimal() else at
    if coming and coming != value.get("new_category") and not value.get("previous_category"):
        note = f"it becomes {coming}"
        return replace(before, category_changed_at=when, reason=note)
    return replace(
        before,
        category=str(value.get("new_category") or coming),
        previous_category=str(value.get("previous_category") or before.category),
        category_changed_at=when,
    )


def _after_texts(before: Template, value: Mapping[str, Any]) -> list[JsonObject]:
    """Replace the texts that a webhook names; files and buttons come with the next list."""
    return [
        {**one, "text": str(value[name])}
        if (name := _TEXTS.get(str(one.get("type")), "")) in value and "text" in one
        else one
        for one in before.components
    ]


def _pause_end(value: Mapping[str, Any], at: datetime) -> datetime | None:
    info = value.get("other_info")
    title = info.get("title") if isinstance(info, Mapping) else None
    pause = PAUSES.get(str(title))
    return None if pause is None else at + pause


def _reason(given: object) -> str:
    return "" if given in (None, "NONE") else str(given)

"""Rows of the bot as cells of Airtable records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.conversation_status import TOLD_BY_META, shown_status
from domain.user import User
from domain.window import window_closes_at
from features.airtable.columns import Column
from features.airtable.contact_columns import shared_cells
from features.airtable.corrections import still_true
from features.airtable.tables.contacts import Contact
from features.airtable.tables.messages import ShownMessage

#: Digits of a phone number by which operators tell people of one name apart.
SHOWN_DIGITS = 4


def contact_to_record(row: Contact, free: Sequence[Column] = ()) -> dict[str, Any]:
    """Return the cells of a record in Contacts by name; None empties a cell.

    `free` are the columns of answers that only a fork asks for.
    """
    user = row.user
    shared = shared_cells(user, free)
    problems = (row.problem, still_true(row.correction, shared))
    cells: dict[str, Any] = {
        **shared,
        "Contact": _contact_name(user),
        "Key": user.key,
        "Phone": user.phone,
        "User ID": user.user_id,
        "Last message": row.last_message,
        "Unread": row.unread,
        "Reply result": row.reply_result,
        "Call result": row.call_result,
        "Last inbound at": _isoformat(user.last_inbound_at),
        "Window closes at": _isoformat(window_closes_at(user)),
        "Held by": _held_by(user),
        "Bot silent until": _isoformat(user.bot_paused_until),
        "Problem": "\n".join(filter(None, problems)) or None,
        "Came from": _came_from(user),
        "Language": user.language,
        "Marketing consent": _consent(user),
        "Consent at": _isoformat(user.consent_at),
        "Erasure": row.erasure,
    }
    if row.reply_taken is not None:
        cells["Send reply"] = False
        if row.reply_text is not None:  # it was sent
            cells["Reply"] = None
    if row.call_taken is not None:
        cells["Call"] = False
    if row.status_changed_by_bot or row.record_id is None:
        cells["Status"] = shown_status(user.status)
    return cells


def _contact_name(user: User) -> str:
    """Return by what operators recognise a person: "Ana Gómez · 4567"."""
    name = user.full_name or user.profile_name
    digits = (user.wa_id or "")[-SHOWN_DIGITS:]
    return " · ".join(filter(None, (name, digits))) or user.key


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """A consent that a person gave or took back."""

    id: str
    user_key: str
    #: one of CONSENT_EVENTS
    event: str
    #: the version of the privacy text that was shown, or the words that the person wrote
    detail: str | None
    at: datetime


def consent_to_record(row: ConsentEvent, contact_record: str) -> dict[str, Any]:
    """Return the cells of a record in the consent log."""
    return {
        "Event id": row.id,
        "Contact": [contact_record],
        "Event": row.event,
        "Detail": row.detail,
        "At": _isoformat(row.at),
    }


def message_to_record(row: ShownMessage, contact_record: str) -> dict[str, Any]:
    """Return the cells of a record in Messages."""
    return {
        "Message id": row.id,
        "Contact": [contact_record],
        "Direction": row.direction,
        "Type": row.type,
        "Text": row.text,
        "Status": row.status,
        "Problem": row.error,
        "Price": row.price,
        "At": _isoformat(row.at),
    }


def _came_from(user: User) -> str | None:
    """Return the ad or post that first led the person here."""
    told = user.referral or {}
    names = ("source_type", "headline", "source_id", "source_url")
    return "\n".join(str(told[name]) for name in names if told.get(name)) or None


def _held_by(user: User) -> str | None:
    """Return who answers instead of the bot, where it is neither the bot nor an operator."""
    return user.held_by if user.status in TOLD_BY_META else None


def _consent(user: User) -> str:
    has_stopped_offers = user.offers_stopped_at is not None and user.marketing_at is None
    if user.opted_out_at is not None or has_stopped_offers:
        return "Out"
    return "In" if user.marketing_at is not None else "Unknown"


def _isoformat(value: date | datetime | None) -> str | None:
    return None if value is None else value.isoformat()

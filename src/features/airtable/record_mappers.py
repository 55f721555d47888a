"""What the bot knows, as cells of the console."""

from datetime import date, datetime
from typing import Any

from domain.contact import (
    ConsentEvent,
    Contact,
    ConversationStatus,
    ShownMessage,
    Ticket,
    Unanswered,
)
from domain.user import User


def contact_to_record(row: Contact) -> dict[str, Any]:
    """Cells of Contacts, by the names of the plan; None empties one."""
    user = row.user
    cells: dict[str, Any] = {
        "Contact": user.key,
        "Name": user.full_name or user.profile_name,
        "Phone": f"+{user.wa_id}" if user.wa_id else None,
        "User ID": user.user_id,
        "Last message": row.last_message,
        "Unread": row.unread,
        "Reply result": row.reply_result,
        "Last inbound at": _isoformat(row.last_inbound_at),
        "Window closes at": _isoformat(row.window_closes_at),
        "Bot silent until": _isoformat(user.bot_paused_until),
        "Problem": row.problem,
        "Language": user.language,
        "Registered at": _isoformat(user.registered_at),
        "Full name": user.full_name,
        "Document": " ".join(filter(None, (user.id_type, user.id_number))) or None,
        "Birth date": _isoformat(user.birth_date),
        "About": user.about,
        "Marketing consent": _consent(user),
        "Consent at": _isoformat(user.consent_at),
    }
    if row.reply_taken is not None:
        cells["Send reply"] = False
    if row.status_changed_by_bot or row.record_id is None:
        cells["Status"] = user.status or ConversationStatus.BOT
    return cells


def ticket_to_record(ticket: Ticket) -> dict[str, Any]:
    """Cells of Tickets."""
    return {
        "Ticket": ticket.id,
        "Contact": [ticket.contact_record],
        "Asked": ticket.asked,
        "Opened at": _isoformat(ticket.opened_at),
        "Closed at": _isoformat(ticket.closed_at),
    }


def consent_to_record(event: ConsentEvent) -> dict[str, Any]:
    """Cells of the consent log."""
    return {
        "Event id": event.id,
        "Contact": [event.contact_record],
        "Event": event.event,
        "Detail": event.detail,
        "At": _isoformat(event.at),
    }


def unanswered_to_record(one: Unanswered) -> dict[str, Any]:
    """Cells of Unanswered."""
    return {
        "Id": one.id,
        "Contact": [one.contact_record],
        "Question": one.question,
        "Language": one.language,
        "Asked at": _isoformat(one.asked_at),
    }


def message_to_record(one: ShownMessage) -> dict[str, Any]:
    """Cells of Messages."""
    return {
        "Message id": one.id,
        "Contact": [one.contact_record],
        "Direction": one.direction,
        "Type": one.type,
        "Text": one.text,
        "Status": one.status,
        "Error": one.error,
        "At": _isoformat(one.at),
    }


def _consent(user: User) -> str:
    if user.opted_out_at is not None:
        return "Out"
    return "In" if user.marketing_at is not None else "Unknown"


def _isoformat(value: date | datetime | None) -> str | None:
    return None if value is None else value.isoformat()

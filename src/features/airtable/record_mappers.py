"""What the bot knows, as cells of the console."""

from datetime import date, datetime
from typing import Any

from domain.contact import ConsentEvent, DeskRow, Handling, ShownMessage, Ticket, Unanswered
from domain.user import User


def contact_cells(row: DeskRow) -> dict[str, Any]:
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
        "Last inbound at": _written(row.last_inbound_at),
        "Window closes at": _written(row.window_closes_at),
        "Bot silent until": _written(user.silent_until),
        "Problem": row.problem,
        "Language": user.language,
        "Registered at": _written(user.registered_at),
        "Full name": user.full_name,
        "Document": " ".join(filter(None, (user.id_type, user.id_number))) or None,
        "Birth date": _written(user.birth_date),
        "About": user.about,
        "Marketing consent": _consent(user),
        "Consent at": _written(user.consent_at),
    }
    if row.reply_taken is not None:
        cells["Send reply"] = False
    if row.handling_is_ours or row.record_id is None:
        cells["Status"] = user.handling or Handling.BOT
    return cells


def ticket_cells(ticket: Ticket) -> dict[str, Any]:
    """Cells of Tickets."""
    return {
        "Ticket": ticket.id,
        "Contact": [ticket.contact_record],
        "Asked": ticket.asked,
        "Opened at": _written(ticket.opened_at),
        "Closed at": _written(ticket.closed_at),
    }


def consent_cells(event: ConsentEvent) -> dict[str, Any]:
    """Cells of the consent log."""
    return {
        "Event id": event.id,
        "Contact": [event.contact_record],
        "Event": event.event,
        "Detail": event.detail,
        "At": _written(event.at),
    }


def unanswered_cells(one: Unanswered) -> dict[str, Any]:
    """Cells of Unanswered."""
    return {
        "Id": one.id,
        "Contact": [one.contact_record],
        "Question": one.question,
        "Language": one.language,
        "Asked at": _written(one.asked_at),
    }


def message_cells(one: ShownMessage) -> dict[str, Any]:
    """Cells of Messages."""
    return {
        "Message id": one.id,
        "Contact": [one.contact_record],
        "Direction": one.direction,
        "Type": one.type,
        "Text": one.text,
        "Status": one.status,
        "Error": one.error,
        "At": _written(one.at),
    }


def _consent(user: User) -> str:
    if user.opted_out_at is not None:
        return "Out"
    return "In" if user.marketing_at is not None else "Unknown"


def _written(value: date | datetime | None) -> str | None:
    return None if value is None else value.isoformat()

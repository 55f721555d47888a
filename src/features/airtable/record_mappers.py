"""Rows of the bot as cells of Airtable records."""

from datetime import date, datetime
from typing import Any

from domain.consent import ConsentEvent
from domain.conversation_status import ConversationStatus
from domain.user import User
from features.airtable.tables.contacts import Contact
from features.airtable.tables.messages import ShownMessage
from features.airtable.tables.sync_tracking import SyncedRow
from features.faq.unanswered import Unanswered
from features.handoff.tickets import Ticket


def contact_to_record(row: Contact) -> dict[str, Any]:
    """Return the cells of a record in Contacts by name; None empties a cell."""
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


def ticket_to_record(synced: SyncedRow[Ticket]) -> dict[str, Any]:
    """Return the cells of a record in Tickets."""
    ticket = synced.row
    return {
        "Ticket": ticket.id,
        "Contact": [synced.contact_record],
        "Asked": ticket.asked,
        "Opened at": _isoformat(ticket.opened_at),
        "Closed at": _isoformat(ticket.closed_at),
    }


def consent_to_record(synced: SyncedRow[ConsentEvent]) -> dict[str, Any]:
    """Return the cells of a record in the consent log."""
    event = synced.row
    return {
        "Event id": event.id,
        "Contact": [synced.contact_record],
        "Event": event.event,
        "Detail": event.detail,
        "At": _isoformat(event.at),
    }


def unanswered_to_record(synced: SyncedRow[Unanswered]) -> dict[str, Any]:
    """Return the cells of a record in Unanswered."""
    question = synced.row
    return {
        "Id": question.id,
        "Contact": [synced.contact_record],
        "Question": question.question,
        "Language": question.language,
        "Asked at": _isoformat(question.asked_at),
    }


def message_to_record(synced: SyncedRow[ShownMessage]) -> dict[str, Any]:
    """Return the cells of a record in Messages."""
    message = synced.row
    return {
        "Message id": message.id,
        "Contact": [synced.contact_record],
        "Direction": message.direction,
        "Type": message.type,
        "Text": message.text,
        "Status": message.status,
        "Error": message.error,
        "At": _isoformat(message.at),
    }


def _consent(user: User) -> str:
    if user.opted_out_at is not None:
        return "Out"
    return "In" if user.marketing_at is not None else "Unknown"


def _isoformat(value: date | datetime | None) -> str | None:
    return None if value is None else value.isoformat()

"""What the bot knows, as cells of the console."""

from datetime import date, datetime
from typing import Any

from domain.desk import DeskRow, Handling
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
        "Last inbound at": written(row.last_inbound_at),
        "Window closes at": written(row.window_closes_at),
        "Bot silent until": written(user.silent_until),
        "Problem": row.problem,
        "Language": user.language,
        "Registered at": written(user.registered_at),
        "Full name": user.full_name,
        "Document": " ".join(filter(None, (user.id_type, user.id_number))) or None,
        "Birth date": written(user.birth_date),
        "About": user.about,
        "Marketing consent": _consent(user),
        "Consent at": written(user.consent_at),
    }
    if row.reply_taken is not None:
        cells["Send reply"] = False
    if row.handling_is_ours or row.record_id is None:
        cells["Status"] = user.handling or Handling.BOT
    return cells


def _consent(user: User) -> str:
    if user.opted_out_at is not None:
        return "Out"
    return "In" if user.consent_at is not None else "Unknown"


def written(value: date | datetime | None) -> str | None:
    return None if value is None else value.isoformat()

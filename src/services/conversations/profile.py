"""What is known of a person, and what they agreed to: changed by decisions of a turn."""

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from flow_engine import SavedForm
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions, writing
from services.conversations.extensions import Reset
from services.conversations.open_form import leave_form
from services.conversations.schedule import unschedule_all
from services.conversations.turn import ConversationTurn
from storage.tables import consents, records, users


def change_user(turn: ConversationTurn, values: Mapping[str, Any]) -> Decisions:
    """Change fields of the person; the others stay."""
    return Decisions(user=values, writes=(users.change(turn.user.key, values),))


def save_profile(turn: ConversationTurn, fields: Mapping[str, object]) -> Decisions:
    """Keep what the person filled in; a `consent_version` says that they agreed just now."""
    values = dict(fields)
    noted = NOTHING
    if isinstance(values.get("birth_date"), str):
        values["birth_date"] = date.fromisoformat(str(values["birth_date"]))
    if values.get("consent_version"):
        values |= {"consent_at": turn.now, "registered_at": turn.now}
        noted = note_consent(turn, "agreed", f"privacy text {values['consent_version']}")
    return noted + change_user(turn, values)


def save_record(
    turn: ConversationTurn,
    collection: str,
    fields: Mapping[str, object],
    form: SavedForm | None = None,
) -> Decisions:
    """Keep one record of what the person filled in, with the option that its form takes."""
    key = form.option_key(fields) if form else None
    return writing(
        records.add(collection, fields, user_key=turn.user.key, at=turn.now, option_key=key)
    )


def note_consent(turn: ConversationTurn, event: str, detail: str | None) -> Decisions:
    """Keep for good what was agreed to, or withdrawn."""
    event_id = secrets.token_hex(8)
    return writing(
        consents.add(event_id, user_key=turn.user.key, event=event, detail=detail, at=turn.now)
    )


def agree_to_marketing(
    turn: ConversationTurn, *, wanted: bool, detail: str | None = None
) -> Decisions:
    """The person agrees to be sent offers, or no longer does; `detail` says how it is known."""
    if wanted == (turn.user.marketing_at is not None):
        return NOTHING
    event = "agreed to marketing" if wanted else "no more marketing"
    agreed_at, stopped_at = (turn.now, None) if wanted else (None, turn.now)
    changed = change_user(turn, {"marketing_at": agreed_at, "offers_stopped_at": stopped_at})
    return changed + note_consent(turn, event, detail)


def stop_offers(turn: ConversationTurn, detail: str) -> Decisions:
    """The person stopped offers in WhatsApp, whether they ever agreed to any or not."""
    if turn.user.marketing_at is None and turn.user.offers_stopped_at is not None:
        return NOTHING
    changed = change_user(turn, {"marketing_at": None, "offers_stopped_at": turn.now})
    return changed + note_consent(turn, "no more marketing", detail)


def speak(turn: ConversationTurn, language: str) -> Decisions:
    """Speak another language from now on."""
    return Decisions(language=language) + change_user(turn, {"language": language})


def opt_out(turn: ConversationTurn, context: ConversationContext, words: str) -> Decisions:
    """The person wants no more messages; offers would need a new consent."""
    return (
        leave_form()
        + unschedule_all(turn)
        + context.extensions.reset(turn, Reset.OPTED_OUT)
        + change_user(turn, {"opted_out_at": turn.now})
        + note_consent(turn, "opted out", words)
        + agree_to_marketing(turn, wanted=False)
    )


def opt_in(turn: ConversationTurn, words: str) -> Decisions:
    """The person writes with the bot again."""
    return change_user(turn, {"opted_out_at": None}) + note_consent(turn, "opted in", words)


def return_to_bot(turn: ConversationTurn) -> Decisions:
    """The bot answers again."""
    return change_user(
        turn, {"status": None, "bot_paused_until": None, "held_since": None, "held_by": None}
    )

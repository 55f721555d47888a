"""What is known of a person, and what they agreed to: changed by decisions of a turn."""

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import (
    Delete,
    Text,
    Update,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    update,
)

from jobs.tables import is_dead, job, lane
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions, writing
from services.conversations.extensions import Reset
from services.conversations.job_specs import CONVERSATIONS
from services.conversations.schedule import unschedule_all
from services.conversations.turn import ConversationTurn
from storage.engine.compiled import CompiledStatement
from storage.engine.write import Write
from storage.person_table import forget_words
from storage.tables import consents, quotable, records, users

#: The part of the state with what a person wrote while a call ran: see `calls`.
HELD_MESSAGES = "held"


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
    sources: Mapping[str, str] | None = None,
) -> Decisions:
    """Keep one record of what the person filled in.

    `sources` are those of the fields whose options are loaded: the record takes an option.
    """
    taken = (
        f"{source}:{fields[name]}" for name, source in (sources or {}).items() if name in fields
    )
    key = next(taken, None)
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


def leave_form() -> Decisions:
    """Leave the open form; nothing is waited for any more."""
    return Decisions(
        state={"flow": None, HELD_MESSAGES: None}, timers=dict.fromkeys(("remind", "cancel"))
    )


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


def forget_profile(turn: ConversationTurn, context: ConversationContext) -> Decisions:
    """Delete what the person told us, and with it what they agreed to."""
    withdrawn = NOTHING
    if turn.user.consent_at is not None:
        withdrawn = note_consent(turn, "withdrew", None)
    emptied = change_user(turn, dict.fromkeys(users.PROFILE_FIELDS))
    start = CONVERSATIONS.lane(turn.phone_number_id, "")
    lanes = Write(_forget_states, [{"row_key": turn.user.key, "start": start}])
    return (
        withdrawn
        + unschedule_all(turn)
        + agree_to_marketing(turn, wanted=False)
        + emptied
        + writing(*forget_words(turn.user.key), lanes, _without_dead_letters(turn))
        + context.extensions.reset(turn, Reset.DATA_DELETED)
    )


def forget_answers(turn: ConversationTurn, context: ConversationContext) -> Decisions:
    """Delete the copies of what the person wrote: they do not agree that it is kept."""
    forgotten = writing(_without_dead_letters(turn), quotable.forget_person(turn.user.key))
    return forgotten + context.extensions.reset(turn, Reset.REFUSED)


def _without_dead_letters(turn: ConversationTurn) -> Write:
    """Failed jobs quote the person; those that ended well keep nothing but their keys."""
    return Write(_forget_dead, [{"row_key": turn.user.key}], is_private=True)


@CompiledStatement
def _forget_dead(dialect: str) -> Delete:
    """Delete the dead letters of a person, under each of their keys and numbers of ours."""
    of = users.user.c
    # Lanes are named `pool:number:key`.
    end = func.substr(job.c.lane, func.length(job.c.lane) - func.length(of.key))
    row_key = bindparam("row_key", type_=Text)
    is_theirs = exists().where(
        or_(of.key == row_key, of.merged_into == row_key), end == literal(":") + of.key
    )
    return delete(job).where(is_dead, is_theirs)


@CompiledStatement
def _forget_states(dialect: str) -> Update:
    """Empty what the lanes of a person keep: the states of those from before a merge.

    The state of their own lane is that of this turn, but not what could not be read of an earlier
    one. `row_key` is the person's key, `start` the part of a lane's name before a key.
    """
    start, key = bindparam("start", type_=Text), bindparam("row_key", type_=Text)
    merged = select(start + users.user.c.key).where(users.user.c.merged_into == key)
    is_own = lane.c.name == start + key
    state = case((is_own, lane.c.state), else_=null())
    return (
        update(lane)
        .where(or_(lane.c.name.in_(merged), is_own))
        .values(state=state, unreadable=null())
    )

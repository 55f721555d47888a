"""What the page shows of one conversation: its messages, and its person."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from domain.json import JsonObject
from domain.user import User
from domain.window import is_window_closed, window_closes_at
from features.inbox.later import shown as shown_later
from features.inbox.masks import Mask, mask_for
from features.inbox.operators import OWNER_ID, Operator, in_use
from features.inbox.reading import iso, thread_of
from features.inbox.tables import mentions, scheduled, tags
from features.inbox.tables.cases import inbox_case
from features.inbox.tables.messages import NOTE, KeptMessage, inbox_message
from features.inbox.tables.threads import inbox_thread
from storage.tables import deliveries, records, users

#: Messages that are shown at first, and more each time.
THREAD_PAGE = 100
#: Records of a person that are shown.
MAX_RECORDS = 20
#: Requests for an operator, and notes, that are shown beside a conversation.
MAX_REQUESTS, MAX_NOTES = 5, 5


@dataclass(frozen=True, slots=True)
class Place:
    """Which messages of a conversation are shown; without either, the latest."""

    #: Only older ones.
    before: datetime | None = None
    #: Those before and after this moment.
    around: datetime | None = None


def show_thread(
    connection: Connection, key: str, place: Place, *, operator: Operator, now: datetime
) -> JsonObject | None:
    """Return the messages of a conversation, the oldest first, and its person."""
    user = users.people(connection, users.by_key, [key]).get(key)
    if user is None:
        return None
    row = connection.execute(
        select(inbox_thread).where(inbox_thread.c.user_key == user.key)
    ).first()
    if row is None:
        return None
    shown, later = _messages(connection, user.key, place)
    mask = mask_for(connection, operator)
    return {
        "thread": thread_of(row, user, now, mask),
        "messages": _shown(connection, [*shown, *later], mask),
        "has_more": len(shown) == THREAD_PAGE,
        "has_later": len(later) == THREAD_PAGE,
        "person": _person(connection, user, now, mask),
        "later": shown_later(scheduled.of(connection, user.key)),
        "is_called": mentions.is_new(connection, user.key, operator.id),
        "tags": tags.of_people(connection, [user.key]).get(user.key, []),
        "operators": [one.name for one in in_use(connection) if one.id != OWNER_ID],
    }


def media_of(connection: Connection, message_id: str) -> tuple[str, str, str] | None:
    """Return (Meta's id, MIME type, id of our number) of the file of a message."""
    of = inbox_message.c
    thread = inbox_thread.c.user_key == of.user_key
    query = select(of.media_id, of.media_type, inbox_thread.c.phone_number_id)
    query = query.join_from(inbox_message, inbox_thread, thread)
    row = connection.execute(query.where(of.id == message_id, of.media_id.is_not(None))).first()
    return None if row is None else (row[0], row[1] or "application/octet-stream", row[2])


def _messages(
    connection: Connection, key: str, place: Place
) -> tuple[Sequence[KeptMessage], Sequence[KeptMessage]]:
    """Return the messages up to a place, and those after it."""
    of = inbox_message.c
    query = select(inbox_message).where(of.user_key == key).limit(THREAD_PAGE)
    backwards = query.order_by(of.at.desc(), of.id.desc())
    if place.around is not None:
        backwards = backwards.where(of.at <= place.around)
    elif place.before is not None:
        backwards = backwards.where(of.at < place.before)
    shown = [KeptMessage(*row) for row in connection.execute(backwards)][::-1]
    if place.around is None:
        return shown, ()
    forwards = query.where(of.at > place.around).order_by(of.at, of.id)
    return shown, [KeptMessage(*row) for row in connection.execute(forwards)]


def _shown(
    connection: Connection, found: Sequence[KeptMessage], mask: Mask
) -> Sequence[JsonObject]:
    """Return messages for the page, which knows those that we sent by the bot's own ids."""
    quoted = {one.quotes for one in found if one.quotes} - {one.id for one in found}
    of = deliveries.delivery.c
    query = select(of.wamid, of.id).where(of.wamid.in_(quoted))
    sent = dict(connection.execute(query).all()) if quoted else {}
    return [_message(one, sent.get(one.quotes, one.quotes), mask) for one in found]


def _message(one: KeptMessage, quotes: str | None, mask: Mask) -> JsonObject:
    return {
        "id": mask.hide(one.id),
        "direction": one.direction,
        "kind": one.kind,
        "text": one.text,
        "quotes": mask.hide(quotes) if quotes else None,
        "author": one.author,
        "media_type": one.media_type if one.media_id else None,
        "status": one.status,
        "error": one.error,
        "is_edited": one.edited_at is not None,
        "at": one.at.isoformat(),
        "price": one.price,
    }


def _person(connection: Connection, user: User, now: datetime, mask: Mask) -> JsonObject:
    closes_at = window_closes_at(user)
    return {
        "name": mask.name(user),
        "phone": mask.phone(user),
        "language": user.language,
        "registered_at": iso(user.registered_at),
        "opted_out_at": iso(user.opted_out_at),
        "window_closes_at": iso(closes_at),
        "is_window_closed": is_window_closed(user, now),
        "role": user.role,
        "agreed_at": iso(user.consent_at),
        "offers_at": iso(user.marketing_at),
        "offers_stopped_at": iso(user.offers_stopped_at),
        "came_from": _came_from(user),
        "requests": _requests(connection, user.key),
        "notes": _notes(connection, user.key),
        "answers": _answers(user),
        "records": [
            {"collection": name, "fields": fields, "status": status, "at": at.isoformat()}
            for name, fields, status, at in _records(connection, user.key)
        ],
    }


def _came_from(user: User) -> str | None:
    """Return the ad or post that led the person here, in words."""
    told = user.referral or {}
    parts = [str(told[name]) for name in ("headline", "body", "source_url") if told.get(name)]
    return " · ".join(parts) or (str(told.get("source_type") or "an ad") if told else None)


def _requests(connection: Connection, key: str) -> Sequence[JsonObject]:
    """Return when the person asked for an operator, the latest first."""
    of = inbox_case.c
    query = select(of.opened_at, of.answered_by, of.closed_at).where(of.user_key == key)
    rows = connection.execute(query.order_by(of.opened_at.desc()).limit(MAX_REQUESTS))
    return [
        {"at": iso(one.opened_at), "answered_by": one.answered_by, "closed_at": iso(one.closed_at)}
        for one in rows
    ]


def _notes(connection: Connection, key: str) -> Sequence[JsonObject]:
    """Return the latest notes of operators about the person."""
    of = inbox_message.c
    is_note = (of.user_key == key, of.direction == NOTE, of.author.is_not(None))
    query = select(of.text, of.author, of.at).where(*is_note).order_by(of.at.desc())
    rows = connection.execute(query.limit(MAX_NOTES))
    return [{"text": one.text, "author": one.author, "at": iso(one.at)} for one in rows]


def _answers(user: User) -> dict[str, str]:
    known = {
        "Full name": user.full_name,
        "ID type": user.id_type,
        "ID number": user.id_number,
        "Birth date": user.birth_date,
        "About": user.about,
        **{name.replace("_", " ").capitalize(): value for name, value in user.profile.items()},
    }
    return {name: str(value) for name, value in known.items() if value not in (None, "")}


def _records(connection: Connection, key: str) -> Sequence[Any]:
    of = records.record.c
    is_theirs = (of.user_key == key, of.deleted_at.is_(None), of.is_forgotten.is_(False))
    query = select(of.collection, of.fields, of.status, of.created_at).where(*is_theirs)
    rows = connection.execute(query.order_by(of.created_at.desc()).limit(MAX_RECORDS))
    return [(name, dict(json.loads(fields)), status, at) for name, fields, status, at in rows]

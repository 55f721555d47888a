"""What the pages of the inbox show: conversations, one conversation, one person."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from domain.conversation_status import shown_status
from domain.holder import holder_of
from domain.json import JsonObject
from domain.user import User
from domain.window import is_window_closed, window_closes_at
from features.inbox.operators import all_operators
from features.inbox.tables.messages import KeptMessage, inbox_message
from features.inbox.tables.operators import inbox_audit
from features.inbox.tables.threads import inbox_thread
from flow_engine.words import normalise
from storage.tables import deliveries, records, users
from storage.tables.users import USER_COLUMNS, user_of
from storage.tables.users import user as people

#: Conversations of one page of the list.
PAGE = 50
#: Messages of a thread that are shown at first, and more each time.
THREAD_PAGE = 100
#: Newest messages that a search looks through.
SEARCHED_MESSAGES = 20_000
#: Records of a person that are shown.
MAX_RECORDS = 20
MAX_AUDIT = 200


class Show(StrEnum):
    """Which conversations the list has."""

    ALL = "all"
    #: Somebody waits for an operator.
    WAITING = "waiting"
    MINE = "mine"
    UNASSIGNED = "unassigned"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an operator looks for."""

    show: Show = Show.ALL
    search: str = ""
    #: Only conversations whose latest message is older.
    before: datetime | None = None


def list_threads(
    connection: Connection, wanted: Wanted, *, operator: str, now: datetime
) -> Sequence[JsonObject]:
    """Return a page of conversations: those who wait longest first, or else the latest first."""
    of = inbox_thread.c
    query = select(inbox_thread, *USER_COLUMNS).join_from(
        inbox_thread, people, people.c.key == of.user_key
    )
    query = _narrowed(query, wanted, operator)
    order = of.waiting_since if wanted.show is Show.WAITING else of.last_at.desc()
    rows = connection.execute(query.order_by(order).limit(PAGE)).all()
    width = len(inbox_thread.c)
    return [_thread(row[:width], user_of(row[width:]), now) for row in rows]


def count_waiting(connection: Connection) -> int:
    """Return how many people wait for an operator."""
    waits = inbox_thread.c.waiting_since.is_not(None)
    query = select(func.count()).select_from(inbox_thread).where(waits)
    return int(connection.execute(query).scalar_one())


def latest_changes(connection: Connection, most: int) -> dict[str, int]:
    """Return the number of changes of the latest conversations, by person."""
    of = inbox_thread.c
    query = select(of.user_key, of.rev).order_by(of.last_at.desc()).limit(most)
    return dict(connection.execute(query).all())


def show_thread(
    connection: Connection, key: str, *, before: datetime | None, now: datetime
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
    shown = _messages(connection, user.key, before)
    return {
        "thread": _thread(row, user, now),
        "messages": _shown(connection, shown),
        "has_more": len(shown) == THREAD_PAGE,
        "person": _person(connection, user, now),
        "operators": [one.name for one in all_operators(connection) if one.revoked_at is None],
    }


def media_of(connection: Connection, message_id: str) -> tuple[str, str, str] | None:
    """Return (Meta's id, MIME type, id of our number) of the file of a message."""
    of = inbox_message.c
    thread = inbox_thread.c.user_key == of.user_key
    query = select(of.media_id, of.media_type, inbox_thread.c.phone_number_id)
    query = query.join_from(inbox_message, inbox_thread, thread)
    row = connection.execute(query.where(of.id == message_id, of.media_id.is_not(None))).first()
    return None if row is None else (row[0], row[1] or "application/octet-stream", row[2])


def audit(connection: Connection) -> Sequence[JsonObject]:
    """Return what operators did lately, the latest first."""
    of = inbox_audit.c
    query = select(of.operator, of.act, of.user_key, of.at).order_by(of.at.desc())
    return [
        {"operator": operator, "act": act, "key": key, "at": at.isoformat()}
        for operator, act, key, at in connection.execute(query.limit(MAX_AUDIT))
    ]


def _narrowed(query: Select[Any], wanted: Wanted, operator: str) -> Select[Any]:
    of = inbox_thread.c
    if wanted.before is not None:
        query = query.where(of.last_at < wanted.before)
    if wanted.show is Show.WAITING:
        query = query.where(of.waiting_since.is_not(None))
    elif wanted.show is Show.MINE:
        query = query.where(of.assigned_to == operator)
    elif wanted.show is Show.UNASSIGNED:
        query = query.where(of.assigned_to.is_(None), of.waiting_since.is_not(None))
    if words := wanted.search.strip():
        query = query.where(_matches(words))
    return query


def _matches(words: str) -> ColumnElement[bool]:
    """People by their name or number, and those whose latest messages have the words."""
    newest = (
        select(inbox_message.c.user_key, inbox_message.c.text)
        .order_by(inbox_message.c.at.desc())
        .limit(SEARCHED_MESSAGES)
        .subquery()
    )
    said = select(newest.c.user_key).where(
        func.lower(newest.c.text).contains(words.lower(), autoescape=True)
    )
    found: list[ColumnElement[bool]] = [inbox_thread.c.user_key.in_(said)]
    named = {normalise(words), re.sub(r"[\s()+.-]", "", words)}
    found += [inbox_thread.c.found_by.contains(one, autoescape=True) for one in named if one]
    return or_(*found)


def _messages(connection: Connection, key: str, before: datetime | None) -> Sequence[KeptMessage]:
    of = inbox_message.c
    query = select(inbox_message).where(of.user_key == key)
    if before is not None:
        query = query.where(of.at < before)
    rows = connection.execute(query.order_by(of.at.desc(), of.id.desc()).limit(THREAD_PAGE))
    return [KeptMessage(*row) for row in rows][::-1]


def _shown(connection: Connection, found: Sequence[KeptMessage]) -> Sequence[JsonObject]:
    """Return messages for the page, which knows those that we sent by the bot's own ids."""
    quoted = {one.quotes for one in found if one.quotes} - {one.id for one in found}
    of = deliveries.delivery.c
    query = select(of.wamid, of.id).where(of.wamid.in_(quoted))
    sent = dict(connection.execute(query).all()) if quoted else {}
    return [_message(one, sent.get(one.quotes, one.quotes)) for one in found]


def _thread(row: Any, user: User, now: datetime) -> JsonObject:
    _, number, last_at, text, direction, unread, waiting_since, assigned_to, _, rev = row
    holder = holder_of(user, now)
    return {
        "key": user.key,
        "name": name_of(user),
        "number": number,
        "last_at": last_at.isoformat(),
        "last_text": text,
        "last_direction": direction,
        "unread": unread,
        "waiting_since": _iso(waiting_since),
        "assigned_to": assigned_to,
        "rev": rev,
        "status": shown_status(user.status),
        "holder": holder.party.value,
        "held_by": holder.who,
    }


def _message(one: KeptMessage, quotes: str | None) -> JsonObject:
    return {
        "id": one.id,
        "direction": one.direction,
        "kind": one.kind,
        "text": one.text,
        "quotes": quotes,
        "author": one.author,
        "media_type": one.media_type if one.media_id else None,
        "status": one.status,
        "error": one.error,
        "is_edited": one.edited_at is not None,
        "at": one.at.isoformat(),
    }


def _person(connection: Connection, user: User, now: datetime) -> JsonObject:
    closes_at = window_closes_at(user)
    return {
        "name": name_of(user),
        "phone": f"+{user.wa_id}" if user.wa_id else None,
        "language": user.language,
        "registered_at": _iso(user.registered_at),
        "opted_out_at": _iso(user.opted_out_at),
        "window_closes_at": _iso(closes_at),
        "is_window_closed": is_window_closed(user, now),
        "answers": _answers(user),
        "records": [
            {"collection": name, "fields": fields, "status": status, "at": at.isoformat()}
            for name, fields, status, at in _records(connection, user.key)
        ],
    }


def name_of(user: User) -> str:
    """Return how operators call a person."""
    return user.full_name or user.profile_name or (f"+{user.wa_id}" if user.wa_id else user.key)


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


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()

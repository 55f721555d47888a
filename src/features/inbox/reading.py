"""What the list of the inbox shows: conversations, and what operators did."""

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
from features.inbox.tables.messages import inbox_message
from features.inbox.tables.operators import inbox_audit
from features.inbox.tables.threads import inbox_thread
from flow_engine.words import normalise
from storage.tables.users import USER_COLUMNS, user_of
from storage.tables.users import user as people

#: Conversations of one page of the list.
PAGE = 50
#: Newest messages that a search looks through.
SEARCHED_MESSAGES = 20_000
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
    return [thread_of(row[:width], user_of(row[width:]), now) for row in rows]


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


def thread_of(row: Any, user: User, now: datetime) -> JsonObject:
    """Return a conversation as the list shows it."""
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
        "waiting_since": iso(waiting_since),
        "assigned_to": assigned_to,
        "rev": rev,
        "status": shown_status(user.status),
        "holder": holder.party.value,
        "held_by": holder.who,
    }


def name_of(user: User) -> str:
    """Return how operators call a person."""
    return user.full_name or user.profile_name or (f"+{user.wa_id}" if user.wa_id else user.key)


def iso(at: datetime | None) -> str | None:
    """Return a moment for the page."""
    return None if at is None else at.isoformat()

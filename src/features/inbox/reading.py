"""What the list of the inbox shows."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, false, func, literal_column, or_, select

from domain.conversation_status import shown_status
from domain.holder import holder_of
from domain.json import JsonObject
from domain.user import User
from features.inbox.masks import Mask, mask_for
from features.inbox.operators import Operator
from features.inbox.search import MAX_PEOPLE, Hits, find_messages
from features.inbox.tables import tags
from features.inbox.tables.mentions import inbox_mention
from features.inbox.tables.tags import inbox_tag
from features.inbox.tables.threads import inbox_thread
from flow_engine.words import normalise
from storage.tables import users

#: The latest first, by sorting what was found: the index of all conversations has more to read.
_LATEST: ColumnElement[Any] = literal_column("inbox_thread.last_at + 0").desc()
#: Conversations of one page of the list.
PAGE = 50
#: Most people whom a search finds by their name or number.
MAX_NAMED = 100


class Show(StrEnum):
    """Which conversations the list has."""

    ALL = "all"
    #: Somebody waits for an operator.
    WAITING = "waiting"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    UNREAD = "unread"
    #: A colleague called the operator in a note, who has not looked yet.
    MENTIONS = "mentions"


@dataclass(frozen=True, slots=True)
class ListFilter:
    """What an operator looks for."""

    show: Show = Show.ALL
    search: str = ""
    #: Only conversations whose latest message is older.
    before: datetime | None = None
    #: Meta's id of the number that they wrote to.
    number: str = ""
    tag: str = ""
    #: Only people who have waited so long.
    minutes: int = 0
    #: Where the search goes on: only messages that are older.
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of the list."""

    threads: Sequence[JsonObject]
    #: Time of the oldest message that the search looked at; None if it looked at all.
    searched_since: datetime | None = None


def list_threads(
    connection: Connection, wanted: ListFilter, *, operator: Operator, now: datetime
) -> ListPage:
    """Return a page of conversations: those who wait longest first, or else the latest first."""
    of = inbox_thread.c
    is_meant = _chosen(wanted, operator, now)
    hits, mask = Hits({}), mask_for(connection, operator)
    query = select(inbox_thread)
    if is_meant is not None:
        query = query.where(is_meant)
    if words := wanted.search.strip():
        hits = find_messages(connection, words, is_meant, wanted.until)
        named = _named(connection, words, mask, is_meant) if wanted.until is None else ()
        query = query.where(of.user_key.in_([*hits.by_person, *named]))
    if wanted.before is not None:
        query = query.where(of.last_at < wanted.before)
    latest = _LATEST if words or wanted.tag else of.last_at.desc()
    order = of.waiting_since if wanted.show is Show.WAITING else latest
    most = MAX_PEOPLE * 2 if words else PAGE
    rows = connection.execute(query.order_by(order).limit(most)).all()
    return ListPage(_shown(connection, rows, hits.by_person, now, mask), hits.since)


def count_waiting(connection: Connection) -> int:
    """Return how many people wait for an operator."""
    waits = inbox_thread.c.waiting_since.is_not(None)
    query = select(func.count()).select_from(inbox_thread).where(waits)
    return int(connection.execute(query).scalar_one())


def count_waiting_for(connection: Connection, operator: Operator) -> int:
    """Return how many people wait for an operator, or for anybody."""
    of = inbox_thread.c
    is_theirs = or_(of.assigned_to.is_(None), of.assigned_to == operator.name)
    query = select(func.count()).select_from(inbox_thread)
    return int(connection.scalar(query.where(of.waiting_since.is_not(None), is_theirs)) or 0)


def count_unread(connection: Connection) -> int:
    """Return how many conversations have something that no operator has read."""
    query = select(func.count()).select_from(inbox_thread).where(inbox_thread.c.unread > 0)
    return int(connection.scalar(query) or 0)


def latest_changes(connection: Connection, most: int) -> dict[str, int]:
    """Return the number of changes of the latest conversations, by person."""
    of = inbox_thread.c
    query = select(of.user_key, of.rev).order_by(of.last_at.desc()).limit(most)
    return dict(connection.execute(query).all())


def _chosen(wanted: ListFilter, operator: Operator, now: datetime) -> ColumnElement[bool] | None:
    """Return which conversations are meant, whatever is searched in them; None for all."""
    of = inbox_thread.c
    called = select(inbox_mention.c.user_key).where(
        inbox_mention.c.operator_id == operator.id, inbox_mention.c.seen_at.is_(None)
    )
    shown: Mapping[Show, Sequence[ColumnElement[bool]]] = {
        Show.WAITING: [of.waiting_since.is_not(None)],
        Show.MINE: [of.assigned_to == operator.name],
        Show.UNASSIGNED: [of.assigned_to.is_(None), of.waiting_since.is_not(None)],
        Show.UNREAD: [of.unread > 0],
        Show.MENTIONS: [of.user_key.in_(called)],
    }
    parts = [*shown.get(wanted.show, ())]
    if wanted.number:
        parts.append(of.phone_number_id == wanted.number)
    if wanted.minutes:
        parts.append(of.waiting_since <= now - timedelta(minutes=wanted.minutes))
    if wanted.tag:
        tagged = select(inbox_tag.c.user_key).where(inbox_tag.c.tag == wanted.tag)
        parts.append(of.user_key.in_(tagged))
    return and_(*parts) if parts else None


def _named(
    connection: Connection, words: str, mask: Mask, is_meant: ColumnElement[bool] | None
) -> Sequence[str]:
    """Return the latest people of this name or number; digits would tell a hidden number."""
    if mask.is_on and any(map(str.isdigit, words)):
        return ()
    of = inbox_thread.c
    named = {normalise(words), re.sub(r"[\s()+.-]", "", words)}
    has = func.instr if connection.dialect.name == "sqlite" else func.strpos
    is_named = or_(false(), *(has(of.found_by, one) > 0 for one in named if one))
    query = select(of.user_key).where(is_named)
    if is_meant is not None:
        query = query.where(is_meant)
    return list(connection.scalars(query.order_by(_LATEST).limit(MAX_NAMED)))


def _shown(
    connection: Connection,
    rows: Sequence[Any],
    found: Mapping[str, JsonObject],
    now: datetime,
    mask: Mask,
) -> Sequence[JsonObject]:
    keys = [row.user_key for row in rows]
    people, put_on = users.people(connection, users.by_key, keys), tags.of_people(connection, keys)
    return [
        thread_of(row, people[row.user_key], now, mask)
        | {"tags": put_on.get(row.user_key, []), "found": _hidden(found.get(row.user_key), mask)}
        for row in rows
        if row.user_key in people
    ]


def show_rows(
    connection: Connection, keys: Collection[str], now: datetime, mask: Mask
) -> Sequence[JsonObject]:
    """Return these conversations as the list shows them, the latest first."""
    of = inbox_thread.c
    query = select(inbox_thread).where(of.user_key.in_(keys)).order_by(_LATEST)
    return _shown(connection, connection.execute(query).all() if keys else (), {}, now, mask)


def _hidden(hit: JsonObject | None, mask: Mask) -> JsonObject | None:
    return None if hit is None else hit | {"id": mask.hide(hit["id"])}


def thread_of(row: Any, user: User, now: datetime, mask: Mask) -> JsonObject:
    """Return a conversation as the list shows it."""
    holder = holder_of(user, now)
    return {
        "key": mask.hide(user.key),
        "name": mask.name(user),
        "number": row.phone_number_id,
        "last_at": row.last_at.isoformat(),
        "last_text": row.last_text,
        "last_direction": row.last_direction,
        "unread": row.unread,
        "waiting_since": iso(row.waiting_since),
        "assigned_to": row.assigned_to,
        "rev": row.rev,
        "status": shown_status(user.status),
        "holder": holder.party.value,
        "held_by": holder.who,
    }


def iso(at: datetime | None) -> str | None:
    """Return a moment for the page."""
    return None if at is None else at.isoformat()

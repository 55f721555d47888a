"""Searches what was written: on PostgreSQL by an index, on SQLite a part of the messages at a time.

SQLite's own full-text index would keep words that were erased, before version 3.42.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, literal_column, select

from domain.json import JsonObject
from features.inbox.tables.messages import inbox_message
from features.inbox.tables.threads import inbox_thread
from features.inbox.words import FROM, TO, has_terms, like_pattern, terms, ts_query

#: Messages that one request looks through where there is no index; the page asks on.
SEARCHED_MESSAGES = 30_000
#: Newest messages that are read before the index is asked.
RECENT_MESSAGES = 4_000
#: Most people whom a search finds by what was written.
MAX_PEOPLE = 200
#: Most messages that are read to find so many people: one person may have written all of them.
MAX_READ = 20_000
#: Longest part of a message that the list shows, in characters.
MAX_EXCERPT_CHARS = 160
#: Messages that are searched: not what the bot says to everybody. As in migration 0034.
_SEARCHED: ColumnElement[bool] = literal_column(
    "inbox_message.text IS NOT NULL AND (inbox_message.direction <> 'out' "
    "OR inbox_message.author IS NOT NULL OR inbox_message.kind = 'template')"
)
_WORDS: ColumnElement[Any] = literal_column(
    f"to_tsvector('simple', translate(inbox_message.text, '{FROM}', '{TO}'))"
)


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found in messages."""

    #: The newest message of each person that has the words.
    by_person: dict[str, JsonObject]
    #: Time of the oldest message that was looked at; None for all of them.
    since: datetime | None = None


def find_messages(
    connection: Connection,
    text: str,
    is_meant: ColumnElement[bool] | None,
    until: datetime | None = None,
) -> Hits:
    """Return whose messages have all of these words; `is_meant` chooses conversations.

    `until` is where an earlier search ended: only older messages are looked at.
    """
    if not (wanted := terms(text)):
        return Hits({})
    is_postgres = connection.dialect.name == "postgresql"
    # A common word is among the newest messages; by the index, all that have it are read.
    most = RECENT_MESSAGES if is_postgres else SEARCHED_MESSAGES
    since = _oldest_of(connection, most, until)
    query = _meant(reading(connection, wanted, since, until), is_meant)
    hits = _first_of_each(connection, query, wanted, since)
    if not is_postgres or since is None or len(hits.by_person) == MAX_PEOPLE:
        return hits
    return _first_of_each(connection, _meant(indexed(wanted, until), is_meant), (), None)


def reading(
    connection: Connection,
    wanted: Sequence[str],
    since: datetime | None,
    until: datetime | None = None,
) -> Select[Any]:
    """Return the messages of a time that may have the words, by reading all."""
    is_postgres = connection.dialect.name == "postgresql"
    of = inbox_message.c
    like = of.text.ilike if is_postgres else of.text.like  # SQLite's LIKE is the same
    query = select(of.user_key, of.id, of.at, of.text).where(_SEARCHED)
    query = query.where(*(like(like_pattern(one)) for one in wanted))
    if since is not None:
        query = query.where(of.at >= since)
    return _newest(query if until is None else query.where(of.at < until), of.at)


def indexed(wanted: Sequence[str], until: datetime | None = None) -> Select[Any]:
    """Return all messages that have the words, by the index of PostgreSQL.

    "Materialized", or it may read the messages by time, and compute the words of each.
    """
    of = inbox_message.c
    has_words = _WORDS.bool_op("@@")(func.to_tsquery("simple", ts_query(wanted)))
    query = select(of.user_key, of.id, of.at, of.text).where(_SEARCHED, has_words)
    if until is not None:
        query = query.where(of.at < until)
    found = query.cte("found").prefix_with("MATERIALIZED", dialect="postgresql")
    return _newest(select(found), found.c.at)


def _newest(query: Select[Any], at: ColumnElement[Any]) -> Select[Any]:
    return query.order_by(at.desc()).limit(MAX_READ)


def _meant(query: Select[Any], is_meant: ColumnElement[bool] | None) -> Select[Any]:
    if is_meant is None:
        return query
    meant = select(inbox_thread.c.user_key).where(is_meant)
    return query.where(query.selected_columns.user_key.in_(meant))


def _oldest_of(connection: Connection, number: int, until: datetime | None) -> datetime | None:
    """Return the time of the oldest of so many messages before a time; None if there are fewer."""
    of = inbox_message.c
    query = select(of.at).order_by(of.at.desc()).offset(number - 1).limit(1)
    return connection.scalar(query if until is None else query.where(of.at < until))


def _first_of_each(
    connection: Connection,
    query: Select[Any],
    wanted: Sequence[str],
    since: datetime | None,
) -> Hits:
    """Return the newest message of each person, of those that have the wanted words."""
    found: dict[str, JsonObject] = {}
    # SQLite finds rows as they are read, so that a search ends with the last one that it needs.
    with connection.execute(query) as rows:
        for number, row in enumerate(rows, 1):
            key, message_id, at, text = row
            if key not in found and has_terms(text, wanted):
                found[key] = {"id": message_id, "at": at.isoformat(), "text": _excerpt(text)}
            if len(found) == MAX_PEOPLE or number == MAX_READ:
                return Hits(found, at)
    return Hits(found, since)


def _excerpt(text: str) -> str:
    return " ".join(text.split())[:MAX_EXCERPT_CHARS]

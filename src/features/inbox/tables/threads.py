"""One row for each conversation: what the list of the inbox shows."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Insert,
    Integer,
    Table,
    Text,
    Update,
    bindparam,
    case,
    func,
    literal,
    null,
    select,
    update,
)

from domain.user import User
from features.inbox.tables.messages import KEEP_MESSAGES, inbox_message
from features.inbox.tables.operators import HERE, inbox_operator
from flow_engine.words import normalise
from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp, insert_for, metadata
from storage.engine.write import Write, change_row
from storage.person_rows import PURGE_BATCH, blank, delete_rows, move_single_row
from storage.person_table import declare_person_table

#: Longest part of the last message that the list shows, in characters.
MAX_SHOWN_CHARS = 120

inbox_thread = Table(
    "inbox_thread",
    metadata,
    Column("user_key", Text, primary_key=True),
    Column("phone_number_id", Text, nullable=False),
    Column("last_at", UtcTimestamp, nullable=False, index=True),
    Column("last_text", Text),
    #: "in", "out", or "note"
    Column("last_direction", Text, nullable=False),
    #: messages since an operator last looked
    Column("unread", Integer, nullable=False, server_default="0"),
    #: since when the person waits for an operator
    Column("waiting_since", UtcTimestamp),
    #: name of the operator who takes care of it
    Column("assigned_to", Text),
    #: whose turn it was when it was assigned by the bot, and when
    Column("given_to", Text),
    Column("given_at", UtcTimestamp),
    #: names and number of the person, as `flow_engine.words.normalise` writes them
    Column("found_by", Text),
    #: number of changes: pages compare it
    Column("rev", Integer, nullable=False, server_default="1"),
)
_waits = inbox_thread.c.waiting_since.is_not(None)
Index(
    "ix_inbox_thread_waiting",
    inbox_thread.c.waiting_since,
    postgresql_where=_waits,
    sqlite_where=_waits,
)
_is_assigned = inbox_thread.c.assigned_to.is_not(None)
Index(
    "ix_inbox_thread_assigned",
    inbox_thread.c.assigned_to,
    inbox_thread.c.last_at,
    postgresql_where=_is_assigned,
    sqlite_where=_is_assigned,
)
_is_unread = inbox_thread.c.unread > 0
Index(
    "ix_inbox_thread_unread",
    inbox_thread.c.last_at,
    postgresql_where=_is_unread,
    sqlite_where=_is_unread,
)
Index("ix_inbox_thread_given", inbox_thread.c.given_to, inbox_thread.c.given_at)


def _purge(connection: Connection, now: float) -> int:
    """Empty what the list shows of messages that are not kept any more."""
    of, before = inbox_thread.c, datetime.fromtimestamp(now, UTC) - KEEP_MESSAGES
    is_old = (of.last_at < before, of.last_text.is_not(None))
    keys = list(
        connection.scalars(
            select(of.user_key).where(*is_old).order_by(of.last_at).limit(PURGE_BATCH)
        )
    )
    connection.execute(update(inbox_thread).where(of.user_key.in_(keys)).values(last_text=None))
    return len(keys)


declare_person_table(
    inbox_thread,
    on_erase=delete_rows,
    on_merge=move_single_row,
    purge=_purge,
    # Whoever waits for an operator goes on waiting, and operators see it.
    on_forget=blank(inbox_thread.c.last_text),
)


@CompiledStatement
def _touch(dialect: str) -> Insert:
    """Note the latest message; one that comes late changes only what is counted."""
    new = insert_for(dialect, inbox_thread).values(
        user_key=bindparam("row_key"),
        phone_number_id=bindparam("phone_number_id"),
        last_at=bindparam("last_at"),
        last_text=bindparam("last_text"),
        last_direction=bindparam("last_direction"),
        unread=bindparam("unread"),
        waiting_since=bindparam("waiting_since", type_=UtcTimestamp),
        found_by=bindparam("found_by"),
    )
    of, given = inbox_thread.c, new.excluded
    is_later = given.last_at >= of.last_at
    changed: dict[str, Any] = {
        "phone_number_id": given.phone_number_id,
        "last_at": func.max(of.last_at, given.last_at)
        if dialect == "sqlite"
        else func.greatest(of.last_at, given.last_at),
        "last_text": case((is_later, given.last_text), else_=of.last_text),
        "last_direction": case((is_later, given.last_direction), else_=of.last_direction),
        "unread": of.unread + given.unread,
        "waiting_since": func.coalesce(of.waiting_since, given.waiting_since),
        "found_by": given.found_by,
        "rev": of.rev + 1,
    }
    return new.on_conflict_do_update(index_elements=[of.user_key], set_=changed)


@CompiledStatement
def _settle(dialect: str) -> Update:
    """Nobody waits any more, and all is read."""
    values: dict[str, Any] = {
        "waiting_since": null(),
        "unread": literal(0),
        "rev": inbox_thread.c.rev + 1,
    }
    return (
        update(inbox_thread).where(inbox_thread.c.user_key == bindparam("row_key")).values(values)
    )


@CompiledStatement
def _count(dialect: str) -> Update:
    """Count a change of the thread of a message, by the message's id."""
    whose = select(inbox_message.c.user_key).where(inbox_message.c.id == bindparam("row_key"))
    is_it = inbox_thread.c.user_key == whose.scalar_subquery()
    return update(inbox_thread).where(is_it).values({"rev": inbox_thread.c.rev + 1})


@CompiledStatement
def _whose_turn(dialect: str) -> Update:
    """Assign a conversation that nobody has to the operator who has waited longest for one."""
    of, given = inbox_operator.c, inbox_thread.alias()
    latest = select(func.max(given.c.given_at)).where(given.c.given_to == of.name)
    is_there = (
        of.revoked_at.is_(None),
        of.away_at.is_(None),
        of.seen_at > bindparam("since", type_=UtcTimestamp),
    )
    order = func.coalesce(latest.scalar_subquery(), literal(0.0))
    whose = select(of.name).where(*is_there).order_by(order, of.name).limit(1).scalar_subquery()
    values: dict[str, Any] = {
        "assigned_to": whose,
        "given_to": whose,
        "given_at": bindparam("at", type_=UtcTimestamp),
        "rev": inbox_thread.c.rev + 1,
    }
    is_free = inbox_thread.c.assigned_to.is_(None)
    is_it = (inbox_thread.c.user_key == bindparam("row_key"), is_free, whose.is_not(None))
    return update(inbox_thread).where(*is_it).values(values)


def touch(
    user: User,
    *,
    phone_number_id: str,
    direction: str,
    text: str,
    at: datetime,
    is_unread: bool = False,
    waiting_since: datetime | None = None,
) -> Write:
    """Note the latest message of a conversation; whoever waits already has waited for longer."""
    row = {
        "row_key": user.key,
        "phone_number_id": phone_number_id,
        "last_at": at,
        "last_text": text[:MAX_SHOWN_CHARS],
        "last_direction": direction,
        "unread": int(is_unread),
        "waiting_since": waiting_since,
        "found_by": normalise(
            " ".join(filter(None, (user.full_name, user.profile_name, user.wa_id)))
        ),
    }
    return Write(_touch, [row])


def give(user_key: str, at: datetime) -> Write:
    """Assign a conversation to the next operator whose inbox is open, unless somebody has it."""
    return Write(_whose_turn, [{"row_key": user_key, "at": at, "since": at - HERE}])


def settle(user_key: str) -> Write:
    """Note that an operator answered, or let go: nobody waits, and all is read."""
    return Write(_settle, [{"row_key": user_key}])


def change(user_key: str, **values: object) -> Write:
    """Change columns of a conversation."""
    return change_row(inbox_thread.c.user_key, user_key, values, counted=inbox_thread.c.rev)


def message_changed(message_ids: Sequence[str]) -> Write:
    """Have pages look again at the conversations of these messages."""
    return Write(_count, [{"row_key": one} for one in message_ids])


def number_of(connection: Connection, user_key: str) -> str | None:
    """Return the id of our number that a person wrote to last; None without a conversation."""
    query = select(inbox_thread.c.phone_number_id).where(inbox_thread.c.user_key == user_key)
    return connection.scalar(query)

"""Messages in both directions, kept for some days where operators read along."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Delete,
    Insert,
    SmallInteger,
    Table,
    Text,
    Update,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)

from domain.delivery import RANK, DeliveryStatus, StatusReport
from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp, insert_for, metadata
from storage.engine.sync_columns import sync_columns
from storage.engine.write import Write
from storage.person_rows import blank, delete_rows, move_counted_rows
from storage.person_table import declare_person_table

#: Longest text shown to operators, in characters.
MAX_SHOWN_CHARS = 2000


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message as operators see it."""

    #: Meta's id of a message that a person wrote, the bot's own id of one that was sent
    id: str
    user_key: str
    #: "in" or "out"
    direction: str
    #: Meta's type
    type: str
    text: str | None
    #: latest status of a message that was sent
    status: str | None
    #: the reason why the message did not arrive
    error: str | None
    at: datetime


message = Table(
    "message",
    metadata,
    #: Meta's id of a message that a person wrote, the delivery's id of one that was sent
    Column("id", Text, primary_key=True),
    Column("user_key", Text, nullable=False, index=True),
    Column("direction", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("text", Text),
    Column("status", Text),
    #: rank of the status: later ones are higher
    Column("rank", SmallInteger, nullable=False, server_default="0"),
    Column("error", Text),
    Column("at", UtcTimestamp, nullable=False, index=True),
    *sync_columns(),
)
_forget_texts = blank(message.c.text)
declare_person_table(
    message,
    on_erase=delete_rows,
    on_merge=move_counted_rows,
    on_forget=_forget_texts,
)


@CompiledStatement
def _add(dialect: str) -> Insert:
    names = ("user_key", "direction", "type", "text", "at")
    new = insert_for(dialect, message).values(
        id=bindparam("row_key"), **{name: bindparam(name) for name in names}
    )
    return new.on_conflict_do_nothing()


@CompiledStatement
def _edit(dialect: str) -> Update:
    is_it = (message.c.id == bindparam("row_key"), message.c.user_key == bindparam("of_user"))
    values: dict[str, Any] = {"text": bindparam("new_text"), "rev": message.c.rev + 1}
    return update(message).where(*is_it).values(values)


@CompiledStatement
def _report(dialect: str) -> Update:
    values: dict[str, Any] = {
        "status": bindparam("new_status"),
        "rank": bindparam("new_rank"),
        "error": func.coalesce(bindparam("reason", type_=Text), message.c.error),
        "rev": message.c.rev + 1,
    }
    is_news = bindparam("new_rank", type_=SmallInteger) > message.c.rank
    return update(message).where(message.c.id == bindparam("row_key"), is_news).values(values)


@CompiledStatement
def _forget(dialect: str) -> Delete:
    return delete(message).where(message.c.id == bindparam("row_key"))


def add(
    message_id: str, *, user_key: str, direction: str, kind: str, text: str | None, at: datetime
) -> Write:
    """Add a message; `direction` is "in" or "out", `kind` Meta's type."""
    row = {
        "row_key": message_id,
        "user_key": user_key,
        "direction": direction,
        "type": kind,
        "text": text[:MAX_SHOWN_CHARS] if text else None,
        "at": at,
    }
    return Write(_add, [row])


def edit(message_id: str, *, user_key: str, text: str) -> Write:
    """Replace the text of a message that the person edited."""
    row = {"row_key": message_id, "of_user": user_key, "new_text": text[:MAX_SHOWN_CHARS]}
    return Write(_edit, [row])


def report(statuses: Sequence[StatusReport]) -> list[Write]:
    """Note the statuses that Meta reports of messages that were sent."""
    rows = [
        _status(one.callback_data, one.status, one.error_text)
        for one in statuses
        if one.callback_data
    ]
    return [Write(_report, rows)]


def failed(delivery_id: str, reason: str) -> Write:
    """Note that Meta rejected a message."""
    return Write(_report, [_status(delivery_id, DeliveryStatus.FAILED, reason)])


def forget(message_ids: Sequence[str]) -> Write:
    """Delete messages by their ids."""
    return Write(_forget, [{"row_key": one} for one in message_ids])


def forget_texts(user_key: str) -> Write:
    """Empty the texts of all messages of a person."""
    return Write(_forget_texts, [{"row_key": user_key}], is_private=True)


def too_old(
    connection: Connection, before: datetime, *, most_kept: int, most: int
) -> list[tuple[str, str | None]]:
    """Return (id, Airtable's record id) of the oldest: those before a time, or too many."""
    newest = select(message.c.at).order_by(message.c.at.desc()).offset(most_kept).limit(1)
    limit = connection.execute(newest).scalar_one_or_none()
    is_old = message.c.at < before
    if limit is not None:
        is_old = or_(is_old, message.c.at <= limit)
    query = select(message.c.id, message.c.record_id).where(is_old).order_by(message.c.at)
    return [(id_, record_id) for id_, record_id in connection.execute(query.limit(most))]


def _status(delivery_id: str, status: DeliveryStatus, reason: str | None) -> dict[str, Any]:
    return {
        "row_key": delivery_id,
        "new_status": status.value,
        "new_rank": RANK[status],
        "reason": reason,
    }

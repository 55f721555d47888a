"""What was said in each conversation, in both directions, and notes of operators."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Insert,
    SmallInteger,
    Table,
    Text,
    Update,
    bindparam,
    func,
    null,
    select,
    update,
)

from domain.delivery import RANK, DeliveryStatus, StatusReport
from domain.inbound import Attachment
from features.inbox.remedies import reason_of
from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp, insert_for, metadata
from storage.engine.write import Write
from storage.person_rows import delete_by, delete_rows, move_rows, older_than
from storage.person_table import declare_person_table

#: Time for which messages are kept.
KEEP_MESSAGES = timedelta(days=90)
#: Longest text that is kept, in characters: WhatsApp's longest text fits.
MAX_KEPT_CHARS = 4096
IN, OUT, NOTE = "in", "out", "note"
#: Kind of the line that says that a form began or ended; nobody sent it.
STEP = "step"


class KeptMessage(NamedTuple):
    """A message as it is kept, column by column."""

    #: Meta's id of a message that a person wrote, the delivery's id of one that was sent
    id: str
    user_key: str
    #: "in", "out", or "note"
    direction: str
    #: Meta's type
    kind: str
    text: str | None
    #: id of the message that it quotes, or reacts to
    quotes: str | None
    #: name of the operator who wrote it; None for the person and the bot
    author: str | None
    media_id: str | None
    media_type: str | None
    #: latest status of a message that was sent
    status: str | None
    rank: int
    #: the reason why the message did not arrive
    error: str | None
    edited_at: datetime | None
    at: datetime
    #: what Meta charges it as, such as "service"
    price: str | None


inbox_message = Table(
    "inbox_message",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_key", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("text", Text),
    Column("quotes", Text),
    Column("author", Text),
    Column("media_id", Text),
    Column("media_type", Text),
    Column("status", Text),
    #: rank of the status: later ones are higher
    Column("rank", SmallInteger, nullable=False, server_default="0"),
    Column("error", Text),
    Column("edited_at", UtcTimestamp),
    Column("at", UtcTimestamp, nullable=False, index=True),
    Column("price", Text),
)
Index("ix_inbox_message_thread", inbox_message.c.user_key, inbox_message.c.at)
declare_person_table(
    inbox_message,
    on_erase=delete_rows,
    on_merge=move_rows,
    on_forget=delete_by(inbox_message.c.user_key),
    purge=older_than(KEEP_MESSAGES, inbox_message.c.at),
)

_ADDED = (
    "user_key",
    "direction",
    "kind",
    "text",
    "quotes",
    "author",
    "media_id",
    "media_type",
    "at",
)


@CompiledStatement
def _add(dialect: str) -> Insert:
    new = insert_for(dialect, inbox_message).values(
        id=bindparam("row_key"), **{name: bindparam(name) for name in _ADDED}
    )
    return new.on_conflict_do_nothing()


@CompiledStatement
def _edit(dialect: str) -> Update:
    is_it = inbox_message.c.id == bindparam("row_key")
    is_theirs = inbox_message.c.user_key == bindparam("of_user")
    return (
        update(inbox_message)
        .where(is_it, is_theirs)
        .values(text=bindparam("new_text"), edited_at=bindparam("at", type_=UtcTimestamp))
    )


@CompiledStatement
def _delete(dialect: str) -> Update:
    gone: dict[str, Any] = {"text": null(), "media_id": null(), "status": "deleted"}
    return update(inbox_message).where(inbox_message.c.id == bindparam("row_key")).values(gone)


@CompiledStatement
def _report(dialect: str) -> Update:
    is_it = inbox_message.c.id == bindparam("row_key")
    is_news = bindparam("new_rank", type_=SmallInteger) > inbox_message.c.rank
    values: dict[str, Any] = {
        "status": bindparam("new_status"),
        "rank": bindparam("new_rank"),
        "error": func.coalesce(bindparam("reason", type_=Text), inbox_message.c.error),
        "price": func.coalesce(bindparam("charged", type_=Text), inbox_message.c.price),
    }
    return update(inbox_message).where(is_it, is_news).values(values)


def add(
    message_id: str,
    *,
    user_key: str,
    direction: str,
    kind: str,
    text: str | None,
    at: datetime,
    quotes: str | None = None,
    author: str | None = None,
    attachment: Attachment | None = None,
) -> Write:
    """Add a message; one that is there already stays as it is."""
    row = {
        "row_key": message_id,
        "user_key": user_key,
        "direction": direction,
        "kind": kind,
        "text": text[:MAX_KEPT_CHARS] if text else None,
        "quotes": quotes,
        "author": author,
        "media_id": attachment.media_id if attachment else None,
        "media_type": attachment.plain_type if attachment else None,
        "at": at,
    }
    return Write(_add, [row])


def edit(message_id: str, *, user_key: str, text: str, at: datetime) -> Write:
    """Replace the text of a message that the person edited."""
    row = {
        "row_key": message_id,
        "of_user": user_key,
        "new_text": text[:MAX_KEPT_CHARS],
        "at": at,
    }
    return Write(_edit, [row])


def delete_for_all(message_id: str) -> Write:
    """Empty a message that the person deleted."""
    return Write(_delete, [{"row_key": message_id}], is_private=True)


def report(statuses: Sequence[StatusReport]) -> Write:
    """Note the statuses that Meta reports of messages that were sent."""
    known = [one for one in statuses if one.callback_data]
    rows = [
        _status(str(one.callback_data), one.status, reason_of(one), one.category) for one in known
    ]
    return Write(_report, rows)


def failed(delivery_id: str, reason: str) -> Write:
    """Note that Meta rejected a message."""
    return Write(_report, [_status(delivery_id, DeliveryStatus.FAILED, reason)])


def is_from(connection: Connection, message_id: str, user_key: str) -> bool:
    """Return whether a message is one that this person wrote."""
    of = inbox_message.c
    is_it = (of.id == message_id, of.user_key == user_key, of.direction == IN)
    return connection.scalar(select(of.id).where(*is_it)) is not None


def answered_since(
    connection: Connection, user_key: str, since: datetime, *, except_by: str
) -> str | None:
    """Return which other operator sent a message after a moment; None if nobody did."""
    of = inbox_message.c
    is_theirs = (of.user_key == user_key, of.at > since, of.direction == OUT)
    is_answer = (of.author != except_by, of.kind != "reaction")
    query = select(of.author).where(*is_theirs, *is_answer)
    return connection.scalar(query.order_by(of.at.desc()).limit(1))


def _status(
    delivery_id: str, status: DeliveryStatus, reason: str | None, charged: str | None = None
) -> dict[str, Any]:
    return {
        "row_key": delivery_id,
        "new_status": status.value,
        "new_rank": RANK[status],
        "reason": reason,
        "charged": charged,
    }

"""Notifications, the batches in which other systems sent them, and the keys of these systems."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    Table,
    Text,
    Update,
    bindparam,
    delete,
    func,
    literal_column,
    null,
    select,
    update,
)

from features.notifications.stage import ENDS, Stage
from features.notifications.waiting_counts import delete_empty_counters
from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp, metadata
from storage.person_rows import PURGE_BATCH, delete_rows, move_rows, purge_batch
from storage.person_table import declare_person_table
from storage.tables.deliveries import KEEP_DELIVERIES

#: Time after which words and numbers of a notification are emptied, once it has left the bot.
KEEP_WORDS = timedelta(days=8)
#: Time for which a repeated request gets the answer of the first one.
KEEP_BATCHES = timedelta(days=8)

notification = Table(
    "notification",
    metadata,
    #: also the id of its delivery
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("batch", Text, nullable=False, index=True),
    #: place in its batch, from 0
    Column("position", Integer, nullable=False),
    Column("user_key", Text, nullable=False, index=True),
    #: how the caller named the recipient: the digits of the phone number, or the user id
    Column("recipient", Text, nullable=False),
    #: the caller's own id
    Column("reference", Text, index=True),
    #: the notification that this one repeats
    Column("retry_of", Text, unique=True),
    Column("template", Text),
    Column("language", Text),
    Column("category", Text, nullable=False),
    #: JSON: what fills the template, or the text
    Column("content", Text),
    #: JSON: what the caller wants to find again
    Column("caller_data", Text),
    Column("stage", Text, nullable=False),
    Column("created_at", UtcTimestamp, nullable=False, index=True),
    Column("send_at", UtcTimestamp),
    Column("expires_at", UtcTimestamp),
    #: when it is looked at next, while it waits
    Column("due_at", UtcTimestamp, nullable=False),
    #: when it left the stage WAITING
    Column("left_at", UtcTimestamp),
    #: JSON: why it was refused when it was due
    Column("problems", Text),
    #: who sends, as statistics name it
    Column("source", Text, nullable=False, server_default="api"),
)


class NotificationRow(NamedTuple):
    """A row of `notification`, column by column."""

    id: str
    tenant: str
    batch: str
    position: int
    user_key: str
    recipient: str
    reference: str | None
    retry_of: str | None
    template: str | None
    language: str | None
    category: str
    content: str | None
    caller_data: str | None
    stage: str
    created_at: datetime
    send_at: datetime | None
    expires_at: datetime | None
    due_at: datetime
    left_at: datetime | None
    problems: str | None
    source: str


#: What is not in the outbox yet. Written out: with a parameter, SQLite would not use the index.
waits = notification.c.stage == literal_column(f"'{Stage.WAITING.value}'")
Index(
    "ix_notification_waiting",
    notification.c.tenant,
    notification.c.due_at,
    postgresql_where=waits,
    sqlite_where=waits,
)
#: What ended before it reached the outbox, or in it, for statistics.
ended = notification.c.stage.in_([literal_column(f"'{one.value}'") for one in ENDS])
Index(
    "ix_notification_ended",
    *(notification.c[name] for name in ("tenant", "created_at", "stage", "template", "language")),
    *(notification.c[name] for name in ("category", "source", "send_at", "id")),
    postgresql_where=ended,
    sqlite_where=ended,
)
#: What retention has not emptied yet.
_has_words = notification.c.recipient != literal_column("''")
Index(
    "ix_notification_words",
    notification.c.left_at,
    postgresql_where=_has_words,
    sqlite_where=_has_words,
)
_is_first = notification.c.retry_of.is_(None)
Index(
    "uq_notification_reference",
    notification.c.tenant,
    notification.c.reference,
    unique=True,
    postgresql_where=_is_first,
    sqlite_where=_is_first,
)

notification_batch = Table(
    "notification_batch",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("idempotency_key", Text),
    #: SHA-256 of the request
    Column("fingerprint", Text, nullable=False),
    #: JSON: the answer, for repeated requests
    Column("response", Text, nullable=False),
    Column("created_at", UtcTimestamp, nullable=False, index=True),
)
Index(
    "uq_notification_batch_key",
    notification_batch.c.tenant,
    notification_batch.c.idempotency_key,
    unique=True,
)

api_key = Table(
    "api_key",
    metadata,
    #: first part of the key, which is no secret
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("name", Text, nullable=False),
    #: SHA-256 of the secret, which is stored nowhere
    Column("hash", Text, nullable=False),
    #: separated by spaces
    Column("scopes", Text, nullable=False),
    Column("created_at", UtcTimestamp, nullable=False),
    Column("expires_at", UtcTimestamp),
    Column("revoked_at", UtcTimestamp),
    Column("used_at", UtcTimestamp),
)


def kept_of(connection: Connection, user_key: str) -> int:
    """Return the number of notifications of a person whose words are kept."""
    is_theirs = notification.c.user_key == user_key
    query = select(func.count()).select_from(notification).where(is_theirs, _has_words)
    return connection.scalar(query) or 0


_WORDLESS: dict[str, Any] = {"content": null(), "caller_data": null(), "recipient": ""}


@CompiledStatement
def _forget(dialect: str) -> Update:
    """Empty what was said to a person; what is still to be sent keeps its words."""
    is_theirs = notification.c.user_key == bindparam("row_key")
    return update(notification).where(is_theirs, ~waits).values(_WORDLESS)


def _purge(connection: Connection, now: float) -> int:
    """Empty old notifications, and delete older ones and old batches; a few at a time."""
    at = datetime.fromtimestamp(now, UTC)
    return (
        _empty_old(connection, at)
        + _delete_old_batches(connection, at)
        + delete_empty_counters(connection)
        + purge_batch(connection, now, keep=KEEP_DELIVERIES, at=notification.c.created_at)
    )


def _empty_old(connection: Connection, at: datetime) -> int:
    is_old = notification.c.left_at < at - KEEP_WORDS
    old = select(notification.c.id).where(is_old, _has_words).limit(PURGE_BATCH)
    ids = connection.scalars(old).all()
    if ids:
        connection.execute(update(notification).where(notification.c.id.in_(ids)).values(_WORDLESS))
    return len(ids)


def _delete_old_batches(connection: Connection, at: datetime) -> int:
    old = select(notification_batch.c.id).where(notification_batch.c.created_at < at - KEEP_BATCHES)
    ids = connection.scalars(old.limit(PURGE_BATCH)).all()
    if ids:
        connection.execute(delete(notification_batch).where(notification_batch.c.id.in_(ids)))
    return len(ids)


declare_person_table(
    notification, on_erase=delete_rows, on_merge=move_rows, on_forget=_forget, purge=_purge
)

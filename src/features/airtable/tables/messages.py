"""What was written in both directions, for a while, where operators want to read along."""

from collections.abc import Sequence
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

from domain.contact import ShownMessage
from domain.delivery import RANK, DeliveryStatus, StatusReport
from features.airtable.tables.sync_tracking import SyncTable, blanking, sync_columns
from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp, insert_for, metadata
from storage.engine.write import Write

#: Of a text, what operators see.
LONGEST_SHOWN = 2000

message = Table(
    "message",
    metadata,
    #: Meta's of what a person wrote, that of its delivery of what was sent
    Column("id", Text, primary_key=True),
    Column("user_key", Text, nullable=False, index=True),
    Column("direction", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("text", Text),
    Column("status", Text),
    #: of the status: later ones are higher
    Column("rank", SmallInteger, nullable=False, server_default="0"),
    Column("error", Text),
    Column("at", UtcTimestamp, nullable=False, index=True),
    *sync_columns(),
)
sync_table = SyncTable(message, ShownMessage, order=message.c.at)
_blank = blanking(message.c.text)


@CompiledStatement
def _add(dialect: str) -> Insert:
    names = ("user_key", "direction", "type", "text", "at")
    new = insert_for(dialect, message).values(
        id=bindparam("row_key"), **{name: bindparam(name) for name in names}
    )
    return new.on_conflict_do_nothing()


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
    """`direction` is "in" or "out", `kind` Meta's type."""
    row = {
        "row_key": message_id,
        "user_key": user_key,
        "direction": direction,
        "type": kind,
        "text": text[:LONGEST_SHOWN] if text else None,
        "at": at,
    }
    return Write(_add, [row])


def report(statuses: Sequence[StatusReport]) -> list[Write]:
    """What became of messages that we sent."""
    rows = [
        _status(one.callback_data, one.status, one.error_text)
        for one in statuses
        if one.callback_data
    ]
    return [Write(_report, rows)]


def failed(delivery_id: str, reason: str) -> Write:
    """Meta did not take a message."""
    return Write(_report, [_status(delivery_id, DeliveryStatus.FAILED, reason)])


def forget(message_ids: Sequence[str]) -> Write:
    return Write(_forget, [{"row_key": one} for one in message_ids])


def forget_words(user_key: str) -> Write:
    """What this person wrote; that they did stays."""
    return Write(_blank, [{"row_key": user_key}])


def too_old(
    connection: Connection, before: datetime, *, most_kept: int, most: int
) -> list[tuple[str, str | None]]:
    """The oldest (id, Airtable's id of the record) of those before a moment, or too many."""
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

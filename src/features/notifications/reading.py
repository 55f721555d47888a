"""Reads notifications together with what the delivery ledger knows of them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    Text,
    case,
    literal,
    or_,
    select,
    type_coerce,
)

from domain.delivery import DeliveryStatus
from features.notifications.items import ReadItem
from features.notifications.phone_numbers import Phone
from features.notifications.problems import Problem
from features.notifications.remedies import failure
from features.notifications.schema import HistoryEntry, Item, NotificationView
from features.notifications.stage import ENDS, Stage, Status
from features.notifications.tables import NotificationRow, notification
from storage.engine.database import UtcTimestamp
from storage.tables.deliveries import delivery

PROBLEMS = TypeAdapter(list[Problem])


class Progress(NamedTuple):
    """What the delivery ledger knows of a notification; all None before it is released."""

    wamid: str | None
    error_code: int | None
    error_text: str | None
    accepted_at: datetime | None
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    failed_at: datetime | None
    is_held: bool | None


_PROGRESS = tuple(delivery.c[name] for name in Progress._fields)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which notifications a list shows."""

    reference: str | None = None
    batch: str | None = None
    template: str | None = None
    status: Status | None = None
    #: The last id of the page before.
    after: str | None = None


def joined() -> FromClause:
    """Return notifications with their deliveries, where there is one already."""
    return notification.outerjoin(delivery, delivery.c.id == notification.c.id)


def status_at(now: datetime) -> ColumnElement[str]:
    """Return the status that callers see; a message that Meta has was not cancelled in time."""
    of = notification.c
    was_taken = delivery.c.wamid.is_not(None)
    by_meta = case(
        (delivery.c.status.is_(None), literal(Status.PENDING.value)),
        (delivery.c.status == DeliveryStatus.PLAYED.value, literal(Status.READ.value)),
        else_=delivery.c.status,
    )
    is_later = of.send_at > literal(now, UtcTimestamp)
    waiting = case((is_later, literal(Status.SCHEDULED.value)), else_=literal(Status.PENDING.value))
    return type_coerce(
        case(
            (or_(was_taken, of.stage == Stage.RELEASED.value), by_meta),
            (of.stage == Stage.WAITING.value, waiting),
            else_=of.stage,
        ),
        Text,
    )


def find(connection: Connection, tenant: str, id_: str, now: datetime) -> NotificationView | None:
    """Return one notification; None if this tenant has none of this id."""
    row = connection.execute(_query(tenant, now).where(notification.c.id == id_)).first()
    return None if row is None else _view(row)


def find_row(
    connection: Connection, tenant: str, id_: str, now: datetime
) -> tuple[NotificationRow, Status] | None:
    """Return a row and its status; None if this tenant has none of this id."""
    row = connection.execute(_query(tenant, now).where(notification.c.id == id_)).first()
    if row is None:
        return None
    return NotificationRow(*row[: len(NotificationRow._fields)]), Status(str(row[-1]))


def restored(row: NotificationRow) -> ReadItem:
    """Return the item that a notification was made of, to be sent again."""
    item = Item.model_validate_json(row.content or "").model_copy(
        update={
            "reference": row.reference,
            "metadata": json.loads(row.caller_data) if row.caller_data else None,
            "user_id": None if row.recipient.isdecimal() else row.recipient,
        }
    )
    return ReadItem(0, item, Phone(row.recipient, "") if row.recipient.isdecimal() else None)


def find_many(
    connection: Connection, tenant: str, wanted: Filter, now: datetime, *, most: int
) -> Sequence[NotificationView]:
    """Return notifications that fit, the newest first."""
    of = notification.c
    query = _query(tenant, now).order_by(of.id.desc()).limit(most)
    for column, value in (
        (of.reference, wanted.reference),
        (of.batch, wanted.batch),
        (of.template, wanted.template),
    ):
        query = query if value is None else query.where(column == value)
    if wanted.after is not None:
        query = query.where(of.id < wanted.after)
    if wanted.status is not None:
        query = query.where(status_at(now) == wanted.status.value)
    return [_view(row) for row in connection.execute(query)]


def _query(tenant: str, now: datetime) -> Select[Any]:
    columns = (*notification.c, *_PROGRESS, status_at(now))
    return select(*columns).select_from(joined()).where(notification.c.tenant == tenant)


def _view(row: Row[Any]) -> NotificationView:
    count = len(NotificationRow._fields)
    stored, progress = NotificationRow(*row[:count]), Progress(*row[count:-1])
    status = Status(str(row[-1]))
    # Meta's times are whole seconds: within one, the order of the statuses counts.
    steps = _history(stored, progress, status)
    history = sorted(steps, key=lambda one: one.at.replace(microsecond=0))
    problems = PROBLEMS.validate_json(stored.problems) if stored.problems else []
    return NotificationView(
        id=stored.id,
        batch_id=stored.batch,
        reference=stored.reference,
        status=status,
        to=_shown(stored.recipient),
        template=stored.template,
        language=stored.language,
        category=stored.category,
        created_at=stored.created_at,
        send_at=stored.send_at,
        expires_at=stored.expires_at,
        message_id=progress.wamid,
        is_held=bool(progress.is_held) and status is Status.ACCEPTED,
        retry_of=stored.retry_of,
        metadata=json.loads(stored.caller_data) if stored.caller_data else None,
        errors=problems or [one.error for one in history if one.error is not None],
        history=history,
    )


def _shown(recipient: str) -> str | None:
    return f"+{recipient}" if recipient.isdecimal() else recipient or None


def _history(stored: NotificationRow, progress: Progress, status: Status) -> Iterator[HistoryEntry]:
    is_later = stored.send_at is not None and stored.send_at > stored.created_at
    begins = Status.SCHEDULED if is_later else Status.PENDING
    yield HistoryEntry(status=begins, at=stored.created_at)
    for step, at in (
        (Status.ACCEPTED, progress.accepted_at),
        (Status.SENT, progress.sent_at),
        (Status.DELIVERED, progress.delivered_at),
        (Status.READ, progress.read_at),
    ):
        if at is not None:
            yield HistoryEntry(status=step, at=at)
    if stored.stage in ENDS and stored.left_at is not None:
        yield HistoryEntry(status=Status(stored.stage), at=stored.left_at)
    if status is Status.FAILED and progress.failed_at is not None:
        problem = failure(progress.error_code, progress.error_text)
        yield HistoryEntry(status=Status.FAILED, at=progress.failed_at, error=problem)

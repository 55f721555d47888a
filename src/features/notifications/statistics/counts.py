"""Counts messages by their labels: from the days that are known, and from indexes.

What is in the outbox, or was, has a row in the delivery ledger; the rest is counted where it waits.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Double,
    case,
    cast,
    exists,
    func,
    select,
    type_coerce,
)

from domain.delivery import DeliveryStatus
from features.bulk.labels import Labels
from features.bulk.tables import label
from features.notifications.stage import Stage, Status
from features.notifications.statistics.content import Content, Kind
from features.notifications.statistics.days import DAY_SECONDS, Division, Range, divide
from features.notifications.tables import ended, notification, waits
from storage.tables.deliveries import delivery

#: Time after which a message that is still on its way to Meta is told apart.
LONG = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Whose messages are counted, and of which time."""

    tenant: str
    since: datetime
    until: datetime
    now: datetime
    #: Length of the parts by which they are told apart; None does not.
    step: timedelta | None = None

    def begin_of(self, part: int) -> datetime:
        """Return when a part of the time begins."""
        return datetime.fromtimestamp(part * (self.step or timedelta(0)).total_seconds(), UTC)

    @property
    def range(self) -> Range:
        """The time of the messages; its last moment belongs to it."""
        return Range(self.since.timestamp(), math.nextafter(self.until.timestamp(), math.inf))


class Counted(NamedTuple):
    """The numbers of messages with the same labels in a part of time."""

    labels: Labels
    #: Number of the part of time, from 1970 on, if parts are told apart.
    part: int
    content: Content


class Unsent(NamedTuple):
    """A number of messages that never reached the outbox."""

    labels: Labels
    part: int
    status: Status
    number: int
    #: How many of them have waited for long.
    late: int


def counted(connection: Connection, period: Period) -> Iterator[Counted]:
    """Yield the numbers of all messages of a period that reached the outbox."""
    known = _labels(connection, period.tenant)
    is_hourly = period.step is not None and period.step.total_seconds() < DAY_SECONDS
    parts = Division((), {period.range: list(known)})
    if not is_hourly:
        parts = divide(connection, list(known), period.range)
    for one in parts.known:
        if one.content.kinds:  # all of them may be deleted by now
            yield Counted(known[one.label], one.day if period.step else 0, one.content)
    for time, labels in parts.open.items():
        for (label_id, part), content in count(
            connection, labels, time, period.now, period.step
        ).items():
            yield Counted(known[label_id], part, content)


def count(
    connection: Connection,
    labels: Sequence[int],
    time: Range,
    now: datetime,
    step: timedelta | None = None,
) -> Mapping[tuple[int, int], Content]:
    """Return the numbers of these messages by label and part of time, message by message."""
    of = delivery.c
    at, part = _number(of.counted_at), _part(connection, of.counted_at, step)
    is_in = (of.label.in_(labels), at >= time.begin, at < time.end)
    found: dict[tuple[int, int], Content] = defaultdict(Content)
    for row in connection.execute(_by_kind(part, now).where(*is_in)):
        content = found[row.label, row.part]
        kind = Kind(row.status, row.error_code, row.pricing, bool(row.is_held))
        content.kinds[kind] += row.number
        content.late += row.late
    for row in connection.execute(_cancelled(part).where(*is_in)):
        found[row.label, row.part].cancelled = row.number
    for status, column in ((Status.DELIVERED, of.delivered_at), (Status.READ, of.read_at)):
        seconds = _floor(connection, _number(column) - _number(of.accepted_at)).label("seconds")
        # Without Meta's answer, of a message whose process was killed, nothing is measured.
        is_known = (column.is_not(None), of.accepted_at.is_not(None))
        query = select(of.label, part, seconds, func.count().label("number"))
        query = query.where(*is_in, *is_known).group_by(of.label, "part", "seconds")
        for row in connection.execute(query):
            found[row.label, row.part].add_delay(status, row.seconds, row.number)
    return found


def unsent(connection: Connection, period: Period) -> Iterator[Unsent]:
    """Yield the numbers of those that wait, or ended before they reached the outbox."""
    for is_it in (ended, waits):  # an index for each
        yield from _unsent(connection, period, is_it)


def _labels(connection: Connection, tenant: str) -> Mapping[int, Labels]:
    columns = (label.c.id, *(label.c[name] for name in Labels._fields))
    rows = connection.execute(select(*columns).where(label.c.tenant == tenant))
    return {row[0]: Labels(*row[1:]) for row in rows}


def _by_kind(part: ColumnElement[Any], now: datetime) -> Any:
    of = delivery.c
    is_late = (of.status == DeliveryStatus.PENDING.value) & (of.counted_at <= now - LONG)
    late = func.sum(case((is_late, 1), else_=0)).label("late")
    kinds = (of.status, of.error_code, of.pricing, of.is_held)
    query = select(of.label, part, *kinds, func.count().label("number"), late)
    return query.group_by(of.label, "part", *kinds)


def _cancelled(part: ColumnElement[Any]) -> Any:
    """Count those that were cancelled in the outbox, which the ledger has as failed."""
    of = delivery.c
    return (
        select(of.label, part, func.count().label("number"))
        .select_from(delivery.join(notification, notification.c.id == of.id))
        .where(of.status == DeliveryStatus.FAILED.value, of.error_code.is_(None))
        .where(notification.c.stage == Stage.CANCELLED.value)
        .group_by(of.label, "part")
    )


def _unsent(
    connection: Connection, period: Period, is_meant: ColumnElement[bool]
) -> Iterator[Unsent]:
    of = notification.c
    was_sent = exists().where(delivery.c.id == of.id)
    is_it = (is_meant, of.tenant == period.tenant)
    is_then = (of.created_at >= period.since, of.created_at <= period.until)
    is_ended = (of.stage != Stage.CANCELLED.value) | ~was_sent
    is_later = func.coalesce(of.send_at > period.now, False)
    is_late = func.coalesce(of.send_at, of.created_at) <= period.now - LONG
    late = func.sum(case((is_late, 1), else_=0)).label("late")
    part = _part(connection, of.created_at, period.step)
    kinds = (of.source, of.template, of.language, of.category, of.stage)
    query = select(*kinds, part, is_later.label("is_later"), func.count().label("number"), late)
    query = query.where(*is_it, *is_then, is_ended).group_by(*kinds, "part", "is_later")
    for row in connection.execute(query):
        names = (row.template, row.language, row.category)
        labels = Labels(period.tenant, "", row.source, *names)
        is_waiting = row.stage == Stage.WAITING.value
        waiting = Status.SCHEDULED if row.is_later else Status.PENDING
        status = waiting if is_waiting else Status(row.stage)
        waits_long = row.late if status is Status.PENDING else 0
        yield Unsent(labels, row.part, status, row.number, waits_long)


def _part(
    connection: Connection, column: ColumnElement[Any], step: timedelta | None
) -> ColumnElement[Any]:
    """Return the number of the part of time in which a row is."""
    if step is None:
        return cast(0, BigInteger).label("part")
    return _floor(connection, _number(column) / step.total_seconds()).label("part")


def _floor(connection: Connection, value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Round down: to cast does so in SQLite, and rounds to the nearest in PostgreSQL."""
    is_postgres = connection.dialect.name == "postgresql"
    return cast(func.floor(value) if is_postgres else value, BigInteger)


def _number(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a time as it is stored, in seconds since 1970."""
    return type_coerce(column, Double)

"""Counts messages by their labels, from indexes alone.

What is in the outbox, or was, has a row in the delivery ledger; the rest is counted where it waits.
"""

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


class Count(NamedTuple):
    """A number of messages that are alike."""

    labels: Labels
    #: Number of the part of time, from 1970 on, if parts are told apart.
    part: int
    status: Status
    number: int
    error_code: int | None = None
    #: How Meta charges for them.
    pricing: str | None = None
    is_held: bool = False
    #: How many of them have been on their way to Meta for long.
    late: int = 0


class Delay(NamedTuple):
    """A number of messages that took so many seconds from Meta's answer to a status."""

    labels: Labels
    part: int
    status: Status
    seconds: int
    number: int


_SHOWN = {
    **{one.value: Status(one.value) for one in DeliveryStatus if one is not DeliveryStatus.PLAYED},
    DeliveryStatus.PLAYED.value: Status.READ,
}


def counts(connection: Connection, period: Period) -> Iterator[Count]:
    """Yield the numbers of all messages of a period."""
    known = _labels(connection, period.tenant)
    cancelled = {}
    for row in _cancelled(connection, period, known):
        cancelled[row.label, row.part] = row.number
        yield Count(known[row.label], row.part, Status.CANCELLED, row.number)
    for row in _sent(connection, period, known):
        number = row.number
        if row.status == DeliveryStatus.FAILED and row.error_code is None:
            number -= cancelled.pop((row.label, row.part), 0)
        status = _SHOWN[row.status]
        more = (row.error_code, row.pricing, bool(row.is_held), row.late)
        yield Count(known[row.label], row.part, status, number, *more)
    for is_it in (ended, waits):  # an index for each
        yield from _unsent(connection, period, is_it)


def delays(connection: Connection, period: Period) -> Iterator[Delay]:
    """Yield how long Meta took until messages were delivered, and read."""
    known = _labels(connection, period.tenant)
    of, part = delivery.c, _part(connection, delivery.c.counted_at, period.step)
    for status, column in ((Status.DELIVERED, of.delivered_at), (Status.READ, of.read_at)):
        seconds = _floor(connection, _number(column) - _number(of.accepted_at))
        query = select(of.label, part, seconds.label("seconds"), func.count().label("number"))
        # Without Meta's answer, of a message whose process was killed, nothing is measured.
        is_known = (column.is_not(None), of.accepted_at.is_not(None))
        query = query.where(*_is_in(period, known), *is_known)
        for row in connection.execute(query.group_by(of.label, "part", "seconds")):
            yield Delay(known[row.label], row.part, status, max(row.seconds, 0), row.number)


def _labels(connection: Connection, tenant: str) -> Mapping[int, Labels]:
    columns = (label.c.id, *(label.c[name] for name in Labels._fields))
    rows = connection.execute(select(*columns).where(label.c.tenant == tenant))
    return {row[0]: Labels(*row[1:]) for row in rows}


def _sent(connection: Connection, period: Period, known: Mapping[int, Labels]) -> Sequence[Any]:
    of = delivery.c
    is_late = (of.status == DeliveryStatus.PENDING.value, of.counted_at <= period.now - LONG)
    part = _part(connection, of.counted_at, period.step)
    kinds = (of.label, part, of.status, of.error_code, of.pricing, of.is_held)
    late = func.sum(case((is_late[0] & is_late[1], 1), else_=0)).label("late")
    query = select(*kinds, func.count().label("number"), late).where(*_is_in(period, known))
    grouped = query.group_by(of.label, "part", of.status, of.error_code, of.pricing, of.is_held)
    return connection.execute(grouped).all()


def _cancelled(
    connection: Connection, period: Period, known: Mapping[int, Labels]
) -> Sequence[Any]:
    """Count those that were cancelled in the outbox, which the ledger has as failed."""
    of, part = delivery.c, _part(connection, delivery.c.counted_at, period.step)
    failed = (of.status == DeliveryStatus.FAILED.value, of.error_code.is_(None))
    query = (
        select(of.label, part, func.count().label("number"))
        .select_from(delivery.join(notification, notification.c.id == of.id))
        .where(*_is_in(period, known), *failed, notification.c.stage == Stage.CANCELLED.value)
        .group_by(of.label, "part")
    )
    return connection.execute(query).all()


def _unsent(
    connection: Connection, period: Period, is_meant: ColumnElement[bool]
) -> Iterator[Count]:
    """Count those that never reached the outbox: they wait, or ended before."""
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
        count = Count(labels, row.part, status, row.number)
        yield count._replace(late=row.late if status is Status.PENDING else 0)


def _is_in(period: Period, known: Mapping[int, Labels]) -> Sequence[ColumnElement[bool]]:
    of = delivery.c
    is_then = (of.counted_at >= period.since, of.counted_at <= period.until)
    return (of.label.in_(known), *is_then)


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

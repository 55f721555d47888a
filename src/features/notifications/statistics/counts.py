"""Counts messages by their labels: from counters, and message by message at the ends of a time.

What is in the outbox, or was, has a row in the delivery ledger; the rest is counted where it waits.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
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
    literal_column,
    select,
    type_coerce,
)

from domain.delivery import DeliveryStatus
from features.bulk.labels import Labels
from features.bulk.tables import label
from features.notifications.stage import Stage, Status
from features.notifications.statistics.content import Numbers, delay_name, kind_name
from features.notifications.statistics.counters import sums
from features.notifications.statistics.periods import HOUR_SECONDS, Period, Range
from features.notifications.tables import ended, notification
from features.notifications.waiting_counts import waiting
from storage.tables.deliveries import delivery

#: Time after which a message that is still on its way to Meta is told apart.
LONG = timedelta(hours=1)
#: Written out: with a parameter, SQLite would not use the index.
_is_pending = delivery.c.status == literal_column(f"'{DeliveryStatus.PENDING.value}'")


class MessageCounts(NamedTuple):
    """The numbers of messages with the same labels in a part of time."""

    labels: Labels
    #: Number of the part of time, from 1970 on, if parts are told apart.
    part: int
    #: By the names of kinds and delays.
    numbers: Mapping[str, int]
    #: How many of them have been on their way to Meta for long.
    late: int = 0


class Unsent(NamedTuple):
    """A number of messages that never reached the outbox."""

    labels: Labels
    part: int
    status: Status
    number: int
    #: How many of them have waited for long.
    late: int


def counted(connection: Connection, period: Period) -> Iterator[MessageCounts]:
    """Yield the numbers of all messages of a period that reached the outbox."""
    known = _labels(connection, period.tenant)
    hours, ends = period.divided()
    step = None if period.step is None else int(period.step.total_seconds()) // HOUR_SECONDS
    for one in sums(connection, list(known), hours, step):
        yield MessageCounts(known[one.label], one.part, one.numbers)
    for end in ends:
        for (label_id, part), numbers in by_message(
            connection, list(known), end, period.step
        ).items():
            yield MessageCounts(known[label_id], part, numbers)
    for rows in (_cancelled(connection, period, known), _late(connection, period, known)):
        yield from rows


def by_message(
    connection: Connection, labels: Sequence[int], time: Range, step: timedelta | None = None
) -> Mapping[tuple[int, int], Numbers]:
    """Return the numbers of these messages by label and part of time, message by message."""
    of = delivery.c
    at, part = _number(of.counted_at), _part(connection, of.counted_at, step)
    is_in = (of.label.in_(labels), at >= time.begin, at < time.end)
    found: dict[tuple[int, int], Numbers] = defaultdict(Numbers)
    kinds = (of.status, of.error_code, of.is_held, of.pricing)
    query = select(of.label, part, *kinds, func.count().label("number")).where(*is_in)
    for row in connection.execute(query.group_by(of.label, "part", *kinds)):
        name = kind_name(row.status, row.error_code, row.is_held, row.pricing)
        found[row.label, row.part][name] += row.number
    for beginning, column in (("to_delivered", of.delivered_at), ("to_read", of.read_at)):
        seconds = _floor(connection, _number(column) - _number(of.accepted_at)).label("seconds")
        # Without Meta's answer, of a message whose process was killed, nothing is measured.
        is_known = (column.is_not(None), of.accepted_at.is_not(None))
        query = select(of.label, part, seconds, func.count().label("number"))
        query = query.where(*is_in, *is_known).group_by(of.label, "part", "seconds")
        for row in connection.execute(query):
            found[row.label, row.part][delay_name(beginning, row.seconds)] += row.number
    return found


def unsent(connection: Connection, period: Period) -> Iterator[Unsent]:
    """Yield the numbers of those that wait, or ended before they reached the outbox."""
    yield from _waiting(connection, period)
    yield from _ended(connection, period)


def _labels(connection: Connection, tenant: str) -> Mapping[int, Labels]:
    columns = (label.c.id, *(label.c[name] for name in Labels._fields))
    rows = connection.execute(select(*columns).where(label.c.tenant == tenant))
    return {row[0]: Labels(*row[1:]) for row in rows}


def _cancelled(
    connection: Connection, period: Period, known: Mapping[int, Labels]
) -> Iterator[MessageCounts]:
    """Take those that were cancelled in the outbox out of the failed ones of the ledger."""
    of = delivery.c
    is_it = (ended, notification.c.stage == Stage.CANCELLED.value)
    is_theirs = (notification.c.tenant == period.tenant, *_is_in(notification.c.created_at, period))
    has_failed = (of.status == DeliveryStatus.FAILED.value, of.error_code.is_(None))
    part = _part(connection, of.counted_at, period.step)
    query = (
        select(of.label, part, of.is_held, of.pricing, func.count().label("number"))
        .select_from(notification.join(delivery, notification.c.id == of.id))
        .where(*is_it, *is_theirs, *has_failed)
        .group_by(of.label, "part", of.is_held, of.pricing)
    )
    for row in connection.execute(query):
        taken = {
            kind_name(status, None, row.is_held, row.pricing): number
            for status, number in ((Status.FAILED, -row.number), (Status.CANCELLED, row.number))
        }
        yield MessageCounts(known[row.label], row.part, taken)


def _late(
    connection: Connection, period: Period, known: Mapping[int, Labels]
) -> Iterator[MessageCounts]:
    of = delivery.c
    is_late = (of.label.in_(list(known)), of.counted_at <= period.now - LONG)
    part = _part(connection, of.counted_at, period.step)
    query = select(of.label, part, func.count().label("number"))
    query = query.where(_is_pending, *is_late, *_is_in(of.counted_at, period))
    for row in connection.execute(query.group_by(of.label, "part")):
        yield MessageCounts(known[row.label], row.part, {}, row.number)


def _is_in(column: ColumnElement[Any], period: Period) -> tuple[ColumnElement[bool], ...]:
    return (column >= period.since, column <= period.until)


def _waiting(connection: Connection, period: Period) -> Iterator[Unsent]:
    of = waiting.c
    is_theirs = (of.tenant == period.tenant, *_is_in(of.created_at, period))
    is_later = of.send_at > period.now
    begins = case((_number(of.send_at) == 0, of.created_at), else_=of.send_at)
    late = func.sum(case((begins <= period.now - LONG, of.number), else_=0)).label("late")
    part = _part(connection, of.created_at, period.step)
    kinds = (of.source, of.template, of.language, of.category)
    columns = (*kinds, part, is_later.label("is_later"), func.sum(of.number).label("number"), late)
    query = select(*columns).where(*is_theirs).group_by(*kinds, "part", "is_later")
    for row in connection.execute(query):
        names = (row.template or None, row.language or None, row.category)
        labels = Labels(period.tenant, "", row.source, *names)
        status = Status.SCHEDULED if row.is_later else Status.PENDING
        waits_long = 0 if row.is_later else row.late
        yield Unsent(labels, row.part, status, row.number, waits_long)


def _ended(connection: Connection, period: Period) -> Iterator[Unsent]:
    of = notification.c
    was_sent = exists().where(delivery.c.id == of.id)
    is_it = (ended, of.tenant == period.tenant, (of.stage != Stage.CANCELLED.value) | ~was_sent)
    part = _part(connection, of.created_at, period.step)
    kinds = (of.source, of.template, of.language, of.category, of.stage)
    query = select(*kinds, part, func.count().label("number"))
    query = query.where(*is_it, *_is_in(of.created_at, period)).group_by(*kinds, "part")
    for row in connection.execute(query):
        names = (row.template, row.language, row.category)
        labels = Labels(period.tenant, "", row.source, *names)
        yield Unsent(labels, row.part, Status(row.stage), row.number, 0)


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

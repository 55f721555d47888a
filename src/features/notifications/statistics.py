"""Counts notifications by status, in groups."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, cast, func, literal, select

from features.notifications.reading import joined, status_at
from features.notifications.schema import StatisticsGroup
from features.notifications.stage import Status
from features.notifications.tables import notification
from storage.tables.deliveries import delivery

#: Statuses of messages that Meta delivered.
DELIVERED = (Status.DELIVERED, Status.READ)
#: … of messages on whose delivery Meta has not decided yet.
OPEN = (Status.ACCEPTED, Status.SENT)
DAY_SECONDS = 86_400


class GroupBy(StrEnum):
    """What statistics are grouped by."""

    NOTHING = "all"
    DAY = "day"
    TEMPLATE = "template"
    LANGUAGE = "language"
    CATEGORY = "category"


_COLUMNS = {
    GroupBy.TEMPLATE: notification.c.template,
    GroupBy.LANGUAGE: notification.c.language,
    GroupBy.CATEGORY: notification.c.category,
}


def statistics(
    connection: Connection,
    tenant: str,
    *,
    since: datetime,
    until: datetime,
    by: GroupBy,
    now: datetime,
) -> Sequence[StatisticsGroup]:
    """Return the numbers of notifications that were accepted from `since` until `until`."""
    of = notification.c
    group, status = _group(by), status_at(now)
    query = (
        select(group, status, delivery.c.error_code, func.count())
        .select_from(joined())
        .where(of.tenant == tenant, of.created_at >= since, of.created_at <= until)
        .group_by(group, status, delivery.c.error_code)
    )
    statuses: dict[str, Counter[Status]] = defaultdict(Counter)
    failures: dict[str, Counter[str]] = defaultdict(Counter)
    for value, name, code, count in connection.execute(query):
        key = _named(by, value)
        statuses[key][Status(name)] += count
        if name == Status.FAILED:
            failures[key][str(code or "none")] += count
    return [_counted(key, statuses[key], failures[key]) for key in sorted(statuses)]


def _group(by: GroupBy) -> ColumnElement[Any]:
    if by is GroupBy.DAY:
        seconds = cast(notification.c.created_at, BigInteger)
        return (seconds - seconds % DAY_SECONDS).label("day")
    if by in _COLUMNS:
        return _COLUMNS[by]
    return literal("all")


def _named(by: GroupBy, value: Any) -> str:
    if by is GroupBy.DAY:
        return datetime.fromtimestamp(value, UTC).date().isoformat()
    return str(value or "none")


def _counted(
    group: str, statuses: Mapping[Status, int], failures: Mapping[str, int]
) -> StatisticsGroup:
    counts = {one: statuses.get(one, 0) for one in Status}
    delivered = sum(counts[one] for one in DELIVERED)
    failed = counts[Status.FAILED]
    taken = delivered + failed + sum(counts[one] for one in OPEN)
    return StatisticsGroup(
        group=group,
        total=sum(counts.values()),
        by_status=counts,
        failed_by_code=dict(failures),
        delivery_rate=_rate(delivered, delivered + failed),
        read_rate=_rate(counts[Status.READ], delivered),
        failure_rate=_rate(failed, taken),
    )


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None

"""Makes groups of counts: totals, rates, medians."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from features.bulk.labels import Labels
from features.notifications.stage import Status
from features.notifications.statistics.counts import Counted, Period, Unsent, counted, unsent
from features.notifications.statistics.schema import Rate, StatisticsGroup


class GroupBy(StrEnum):
    """What statistics are grouped by."""

    DAY = "day"
    HOUR = "hour"
    TEMPLATE = "template"
    LANGUAGE = "language"
    CATEGORY = "category"
    NUMBER = "number"
    SOURCE = "source"


STEPS: Mapping[GroupBy, timedelta] = {
    GroupBy.DAY: timedelta(days=1),
    GroupBy.HOUR: timedelta(hours=1),
}
#: Statuses of messages that Meta delivered, that it took, and that it may still deliver.
DELIVERED = (Status.DELIVERED, Status.READ)
TAKEN = (Status.ACCEPTED, Status.SENT, *DELIVERED, Status.FAILED)
OPEN = (Status.ACCEPTED, Status.SENT)
#: What Meta charges for.
REGULAR = "regular"
#: Value of what a message does not have.
NONE = "none"

Key = tuple[str, ...]


@dataclass(slots=True)
class _Group:
    """What is added up."""

    statuses: Counter[Status] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    billable: Counter[str] = field(default_factory=Counter)
    seconds: Mapping[Status, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    held: int = 0
    late: int = 0


def statistics(
    connection: Connection, period: Period, by: Sequence[GroupBy]
) -> Sequence[StatisticsGroup]:
    """Return the numbers of a period, in the order of their groups."""
    steps = [STEPS[one] for one in by if one in STEPS]
    period = replace(period, step=min(steps, default=None))
    groups: dict[Key, _Group] = defaultdict(_Group)
    for one in counted(connection, period):
        _add(groups[_key(one, period, by)], one)
    for waiting in unsent(connection, period):
        group = groups[_key(waiting, period, by)]
        group.statuses[waiting.status] += waiting.number
        group.late += waiting.late
    return [_result(key, groups[key], by) for key in sorted(groups)]


def median(seconds: Mapping[int, int]) -> float | None:
    """Return the median of numbers that occur so many times."""
    total = sum(seconds.values())
    if not total:
        return None
    low, high = (total - 1) // 2, total // 2
    found: list[int] = []
    passed = 0
    for value in sorted(seconds):
        passed += seconds[value]
        while len(found) < 2 and passed > (low, high)[len(found)]:
            found.append(value)
    return sum(found) / 2


def _add(group: _Group, one: Counted) -> None:
    group.late += one.content.late
    for status, kind, number in one.content.by_status():
        group.statuses[status] += number
        if status is Status.FAILED:
            group.codes[str(kind.error_code or NONE)] += number
        if kind.is_held and status is Status.ACCEPTED:
            group.held += number
        if kind.pricing == REGULAR:
            group.billable[one.labels.category or NONE] += number
    for status, seconds in one.content.delays.items():
        group.seconds[status].update(seconds)


def _key(one: Counted | Unsent, period: Period, by: Collection[GroupBy]) -> Key:
    return tuple(_value(one.labels, one.part, period, name) for name in by)


def _value(labels: Labels, part: int, period: Period, name: GroupBy) -> str:
    if name in STEPS:
        at: datetime = period.begin_of(part)
        return at.date().isoformat() if name is GroupBy.DAY else f"{at:%Y-%m-%dT%H:00Z}"
    return str(getattr(labels, name.value) or NONE)


def _result(key: Key, group: _Group, by: Sequence[GroupBy]) -> StatisticsGroup:
    numbers = {one: group.statuses.get(one, 0) for one in Status}
    delivered = sum(numbers[one] for one in DELIVERED)
    taken = sum(numbers[one] for one in TAKEN)
    decided = taken - sum(numbers[one] for one in OPEN)
    failed, read = numbers[Status.FAILED], numbers[Status.READ]
    return StatisticsGroup(
        group={name.value: value for name, value in zip(by, key, strict=True)},
        total=sum(numbers.values()),
        by_status=numbers,
        held=group.held,
        pending_over_an_hour=group.late,
        failed_by_code={code: number for code, number in sorted(group.codes.items()) if number},
        delivery=_rate(delivered, decided, "delivered, read or failed"),
        read=_rate(read, delivered, "delivered or read"),
        failure=_rate(failed, taken, "taken by Meta, or failed"),
        median_seconds_to_delivered=median(group.seconds[Status.DELIVERED]),
        median_seconds_to_read=median(group.seconds[Status.READ]),
        billable_by_category=dict(sorted(group.billable.items())),
    )


def _rate(part: int, whole: int, of: str) -> Rate:
    return Rate(rate=round(part / whole, 4) if whole else None, part=part, whole=whole, of=of)

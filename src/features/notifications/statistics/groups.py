"""Makes groups of counts: totals, rates, medians."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from itertools import accumulate
from operator import attrgetter

from sqlalchemy import Connection

from features.notifications.stage import Status
from features.notifications.statistics.content import delay_of, kind_of
from features.notifications.statistics.counts import MessageCounts, Unsent, counted, unsent
from features.notifications.statistics.periods import Period, begin_of_part
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

    #: Numbers of kinds and delays by name, for each category; those of a name add up.
    counted: defaultdict[str | None, dict[str, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))
    )
    unsent: Counter[Status] = field(default_factory=Counter)
    late: int = 0


@dataclass(slots=True)
class _Meaning:
    """What the numbers of a group say."""

    statuses: Counter[Status]
    codes: Counter[str] = field(default_factory=Counter)
    billable: Counter[str] = field(default_factory=Counter)
    to_delivered: dict[int, int] = field(default_factory=dict)
    to_read: dict[int, int] = field(default_factory=dict)
    held: int = 0


def statistics(
    connection: Connection, period: Period, by: Sequence[GroupBy]
) -> Sequence[StatisticsGroup]:
    """Return the numbers of a period, in the order of their groups."""
    steps = [STEPS[one] for one in by if one in STEPS]
    period = replace(period, step=min(steps, default=None))
    groups: dict[Key, _Group] = defaultdict(_Group)
    key_of = _keys(period, by)
    for one in counted(connection, period):
        group = groups[key_of(one)]
        numbers = group.counted[one.labels.category]
        for name, number in one.numbers.items():  # a million times for a year by hour
            numbers[name] += number
        group.late += one.late
    for waiting in unsent(connection, period):
        group = groups[key_of(waiting)]
        group.unsent[waiting.status] += waiting.number
        group.late += waiting.late
    results = (_result(key, groups[key], by) for key in sorted(groups))
    return [one for one in results if one.total]


def median(seconds: Mapping[int, int]) -> float | None:
    """Return the median of numbers that occur so many times."""
    total = sum(seconds.values())
    if not total:
        return None
    values = sorted(one for one in seconds if seconds[one])
    passed = list(accumulate(map(seconds.__getitem__, values)))
    low, high = (values[bisect_right(passed, at)] for at in ((total - 1) // 2, total // 2))
    return (low + high) / 2


def _meaning(group: _Group) -> _Meaning:
    found = _Meaning(Counter(group.unsent))
    for category, numbers in group.counted.items():
        for name, number in numbers.items():
            if delay := delay_of(name):
                status, seconds = delay
                of = found.to_read if status is Status.READ else found.to_delivered
                of[seconds] = of.get(seconds, 0) + number
                continue
            if not number:
                continue  # cancelled ones are taken out of those that failed
            kind = kind_of(name)
            found.statuses[kind.status] += number
            if kind.status is Status.FAILED:
                found.codes[kind.error_code or NONE] += number
            if kind.is_held and kind.status is Status.ACCEPTED:
                found.held += number
            if kind.pricing == REGULAR:
                found.billable[category or NONE] += number
    return found


def _keys(period: Period, by: Collection[GroupBy]) -> Callable[[MessageCounts | Unsent], Key]:
    """Return what tells the group of counts. Each part of a time is written once."""
    ways = [_begins(period, name) if name in STEPS else _label(name) for name in by]
    return lambda one: tuple([way(one) for way in ways])


def _label(name: GroupBy) -> Callable[[MessageCounts | Unsent], str]:
    value = attrgetter(f"labels.{name.value}")
    return lambda one: str(value(one) or NONE)


def _begins(period: Period, name: GroupBy) -> Callable[[MessageCounts | Unsent], str]:
    known: dict[int, str] = {}

    def begin(one: MessageCounts | Unsent) -> str:
        if one.part not in known:
            at = begin_of_part(one.part, period.step or STEPS[name])
            shown = at.date().isoformat() if name is GroupBy.DAY else f"{at:%Y-%m-%dT%H:00Z}"
            known[one.part] = shown
        return known[one.part]

    return begin


def _result(key: Key, group: _Group, by: Sequence[GroupBy]) -> StatisticsGroup:
    meaning = _meaning(group)
    numbers = {one: meaning.statuses.get(one, 0) for one in Status}
    delivered = sum(numbers[one] for one in DELIVERED)
    taken = sum(numbers[one] for one in TAKEN)
    decided = taken - sum(numbers[one] for one in OPEN)
    failed, read = numbers[Status.FAILED], numbers[Status.READ]
    return StatisticsGroup(
        group={name.value: value for name, value in zip(by, key, strict=True)},
        total=sum(numbers.values()),
        by_status=numbers,
        held=meaning.held,
        pending_over_an_hour=group.late,
        failed_by_code={code: number for code, number in sorted(meaning.codes.items()) if number},
        delivery=_rate(delivered, decided, "delivered, read or failed"),
        read=_rate(read, delivered, "delivered or read"),
        failure=_rate(failed, taken, "taken by Meta, or failed"),
        median_seconds_to_delivered=median(meaning.to_delivered),
        median_seconds_to_read=median(meaning.to_read),
        billable_by_category=dict(sorted(meaning.billable.items())),
    )


def _rate(part: int, whole: int, of: str) -> Rate:
    return Rate(rate=round(part / whole, 4) if whole else None, part=part, whole=whole, of=of)

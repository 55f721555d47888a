"""Counters of whole hours: statistics add them up, instead of reading messages.

Triggers of the database keep them in the commit of each change of a message (`delivery_count`).
Those of hours that are over are put together in a row for each day (`delivery_day`).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import BigInteger, Connection, cast, func, select

from features.bulk.tables import count, day
from features.notifications.statistics.periods import Hours


class Sum(NamedTuple):
    """Numbers of messages of a label in a part of time."""

    label: int
    #: Number of the part, from 1970 on; 0 if parts are not told apart.
    part: int
    numbers: Mapping[str, int]


def sums(
    connection: Connection, labels: Sequence[int], hours: Hours, step: int | None = None
) -> Iterator[Sum]:
    """Yield the numbers of messages of whole hours; those of a label and a part add up.

    `step`: hours of a part, 1 or 24; None: all of them are one part.
    """
    if hours.begin >= hours.end:
        return
    if step != 1:
        yield from _days(connection, labels, hours, step)
    yield from _hours(connection, labels, hours, step)
    yield from _counters(connection, labels, hours, step)


def _days(
    connection: Connection, labels: Sequence[int], hours: Hours, step: int | None
) -> Iterator[Sum]:
    is_it = (day.c.label.in_(labels), day.c.day.between(*hours.days))
    query = select(day.c.label, day.c.day, day.c.whole).where(*is_it)
    for label, number, whole in connection.execute(query):
        if hours.has_day(number):
            yield Sum(label, number if step else 0, json.loads(whole))


def _hours(
    connection: Connection, labels: Sequence[int], hours: Hours, step: int | None
) -> Iterator[Sum]:
    """Yield hours of days, where whole days will not do."""
    is_it = day.c.day.between(*hours.days)
    if step != 1:
        is_it = day.c.day.in_([number for number in {*hours.days} if not hours.has_day(number)])
    query = select(day.c.label, day.c.day, day.c.hours).where(day.c.label.in_(labels), is_it)
    for label, number, stored in connection.execute(query):
        for name, numbers in json.loads(stored).items():
            hour = int(name)
            if hours.begin <= hour < hours.end:
                yield Sum(label, {None: 0, 1: hour}.get(step, number), numbers)


def _counters(
    connection: Connection, labels: Sequence[int], hours: Hours, step: int | None
) -> Iterator[Sum]:
    of = count.c
    part = cast(0 if step is None else of.hour // step, BigInteger).label("part")
    is_in = (of.label.in_(labels), of.hour >= hours.begin, of.hour < hours.end)
    query = select(of.label, part, of.name, func.sum(of.number)).where(*is_in)
    for label, number, name, total in connection.execute(query.group_by(of.label, "part", of.name)):
        if total:
            yield Sum(label, number, {name: int(total)})

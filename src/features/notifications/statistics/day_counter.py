"""Puts the counters of hours that are over together: a row for each label and day."""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection, delete, select, tuple_, update

from features.bulk.tables import count, day
from features.notifications.statistics.content import Numbers, add, to_json
from features.notifications.statistics.periods import HOUR_SECONDS, HOURS_A_DAY
from features.notifications.status_events import STATUS_POOL
from jobs.maintenance import forget_done
from jobs.model import Job, LaneState, Outcome
from jobs.retry import ENDLESS
from jobs.spec import EmptyBody, HandledJob, JobSpec, TimerSpec
from storage.engine.database import insert
from storage.engine.group_commit import GroupCommit, Transaction

COUNT_DAYS = JobSpec("count_days", EmptyBody, pool=STATUS_POOL, retry=ENDLESS)
COUNT_AGAIN = TimerSpec(EmptyBody, pool=STATUS_POOL, retry=ENDLESS)
LANE = STATUS_POOL.lane("statistics")
#: Time between two looks; and while there is more than one look can do.
LOOK_EVERY, GO_ON_AFTER = timedelta(minutes=10), timedelta(seconds=1)
#: Time after which an hour is over: most statuses of its messages have come. Whatever comes later
#: is counted beside it, until the next look.
RESTING = timedelta(hours=2)
#: Most days of labels in one look, each a transaction of some milliseconds.
MAX_DAYS = 200


class Place(NamedTuple):
    """A label on a day."""

    label: int
    day: int


@dataclass(frozen=True, slots=True)
class DayCounter:
    """Handles the job that puts counters together."""

    database: GroupCommit
    clock: Callable[[], datetime]

    def handled(self) -> tuple[HandledJob, ...]:
        """Return the jobs with their handlers."""
        return (COUNT_DAYS.handled_by(self.look), COUNT_AGAIN.handled_by(self.look))

    async def look(self, job: Job, body: EmptyBody, state: LaneState) -> Outcome:
        """Put together what is over; each day is a commit of its own."""
        end = _end(self.clock())
        places = await self.database.reader.run(lambda c, _: find_places(c, end))
        for place in places:
            await self.database.submit(Transaction(partial(_put_together, place, end)))
        wait = GO_ON_AFTER if len(places) == MAX_DAYS else LOOK_EVERY
        again = {"again": COUNT_AGAIN.timer(wait, EmptyBody())}
        return Outcome(timers=again, writes=[forget_done(job.id)])


def look_at_days(connection: Connection, now: datetime) -> int:
    """Put together what is over at this moment, as one look does; return how many days."""
    end = _end(now)
    places = find_places(connection, end)
    for place in places:
        put_together(connection, place, end)
    return len(places)


def find_places(connection: Connection, end: int) -> Sequence[Place]:
    """Return days that have counters of hours before `end`, the newest first."""
    number = (count.c.hour // HOURS_A_DAY).label("day")
    query = select(count.c.label, number).where(count.c.hour < end).distinct()
    rows = connection.execute(query.order_by(number.desc(), count.c.label).limit(MAX_DAYS))
    return [Place(*row) for row in rows]


def put_together(connection: Connection, place: Place, end: int) -> None:
    """Move the counters of a day, of hours before `end`, into its row.

    A counter that another process is changing stays for the next look: nobody waits.
    """
    is_it = (day.c.label == place.label, day.c.day == place.day)
    empty = {"label": place.label, "day": place.day, "whole": "{}", "hours": "{}"}
    connection.execute(insert(connection, day).values(empty).on_conflict_do_nothing())
    row = connection.execute(select(day.c.whole, day.c.hours).where(*is_it).with_for_update()).one()
    whole = Numbers(json.loads(row.whole))
    hours = defaultdict(
        Numbers, {int(hour): Numbers(known) for hour, known in json.loads(row.hours).items()}
    )
    for hour, name, number in _take(connection, place, end):
        add(hours[hour], {name: number})
        add(whole, {name: number})
    known = {hour: numbers for hour, numbers in sorted(hours.items()) if numbers}
    stored = {"whole": to_json(whole), "hours": to_json(known)}
    changed = update(day).values(stored) if known else delete(day)
    connection.execute(changed.where(*is_it))


def _take(connection: Connection, place: Place, end: int) -> Sequence[tuple[int, str, int]]:
    """Delete the counters and return those that are not 0."""
    of = count.c
    begin = place.day * HOURS_A_DAY
    is_then = (of.hour >= begin, of.hour < min(end, begin + HOURS_A_DAY))
    key = (of.label, of.hour, of.name, of.writer)
    found = select(*key).where(of.label == place.label, *is_then)
    free = found.with_for_update(skip_locked=True)
    taken = delete(count).where(tuple_(*key).in_(free)).returning(of.hour, of.name, of.number)
    return [(row[0], row[1], row[2]) for row in connection.execute(taken) if row[2]]


def _put_together(place: Place, end: int, connection: Connection, _: float) -> None:
    put_together(connection, place, end)


def _end(now: datetime) -> int:
    """Return the first hour that is not over."""
    return int((now - RESTING).timestamp() // HOUR_SECONDS)

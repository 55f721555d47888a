"""Counts days that are over, a while after the last change of one of their messages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, Integer, SmallInteger, Text, Update, bindparam, select, update

from features.bulk.tables import DayState, day
from features.notifications.statistics.content import Content
from features.notifications.statistics.counts import count
from features.notifications.statistics.days import DAY_SECONDS, range_of
from features.notifications.status_events import STATUS_POOL
from jobs.maintenance import forget_done
from jobs.model import Job, LaneState, Outcome
from jobs.retry import ENDLESS
from jobs.spec import EmptyBody, HandledJob, JobSpec, TimerSpec
from storage.engine.compiled import CompiledStatement
from storage.engine.group_commit import GroupCommit
from storage.engine.write import Write

COUNT_DAYS = JobSpec("count_days", EmptyBody, pool=STATUS_POOL, retry=ENDLESS)
COUNT_AGAIN = TimerSpec(EmptyBody, pool=STATUS_POOL, retry=ENDLESS)
LANE = STATUS_POOL.lane("statistics")
#: Name in the state of the lane: the time of the last look, in seconds since 1970.
LOOKED_AT = "looked_at"
#: Time between two looks. No transaction lasts longer: what changes a message that is counted now
#: has seen that its day is watched since the last look.
LOOK_EVERY = timedelta(minutes=10)
#: Time after which a day is over: most statuses of its messages have come.
RESTING = timedelta(hours=2)
#: Most days that are counted in one look: each is a query of some milliseconds.
MAX_DAYS = 200


class _Place(NamedTuple):
    """A label on a day."""

    label: int
    day: int


@dataclass(frozen=True, slots=True)
class DayCounter:
    """Handles the job that counts days."""

    database: GroupCommit
    clock: Callable[[], datetime]

    def handled(self) -> tuple[HandledJob, ...]:
        """Return the jobs with their handlers."""
        return (COUNT_DAYS.handled_by(self.look), COUNT_AGAIN.handled_by(self.look))

    async def look(self, job: Job, body: EmptyBody, state: LaneState) -> Outcome:
        """Count what was watched since the last look, and watch what is stale."""
        now = self.clock()
        wait = state.get(LOOKED_AT, 0.0) + LOOK_EVERY.total_seconds() - now.timestamp()
        if wait > 0:  # the bot has just been restarted
            timer = COUNT_AGAIN.timer(timedelta(seconds=wait), EmptyBody())
            return Outcome(timers={"again": timer}, writes=[forget_done(job.id)])
        writes = await self.database.reader.run(lambda c, _: look_at_days(c, now))
        return Outcome(
            {LOOKED_AT: now.timestamp()},
            timers={"again": COUNT_AGAIN.timer(LOOK_EVERY, EmptyBody())},
            writes=[*writes, forget_done(job.id)],
        )


def look_at_days(connection: Connection, now: datetime) -> Sequence[Write]:
    """Return what keeps the numbers of watched days, and watches stale ones."""
    counted = [
        {"row_key": one.label, "row_day": one.day, "content": _content(connection, one, now)}
        for one in _places(connection, DayState.WATCHED, now)
    ]
    stale = [
        {"row_key": one.label, "row_day": one.day}
        for one in _places(connection, DayState.STALE, now)
    ]
    return [Write(_keep, counted), Write(_watch, stale)]


def _content(connection: Connection, one: _Place, now: datetime) -> str:
    counted = count(connection, [one.label], range_of(one.day), now)
    return counted.get((one.label, 0), Content()).to_json()


def _places(connection: Connection, state: DayState, now: datetime) -> Sequence[_Place]:
    """Return days of a state that are over, the newest first."""
    last = int((now - RESTING).timestamp() // DAY_SECONDS) - 1
    query = select(day.c.label, day.c.day).where(day.c.state == state.value, day.c.day <= last)
    found = connection.execute(query.order_by(day.c.day.desc()).limit(MAX_DAYS))
    return [_Place(*row) for row in found]


def _change(state: DayState, known: DayState) -> Update:
    is_it = (day.c.label == bindparam("row_key"), day.c.day == bindparam("row_day", type_=Integer))
    is_known = day.c.state == bindparam("known", known.value, SmallInteger)
    return update(day).where(*is_it, is_known).values(state=state.value)


@CompiledStatement
def _watch(dialect: str) -> Update:
    return _change(DayState.WATCHED, DayState.STALE)


@CompiledStatement
def _keep(dialect: str) -> Update:
    """Keep the numbers of a day, unless one of its messages has changed since."""
    changed = _change(DayState.COUNTED, DayState.WATCHED)
    return changed.values(content=bindparam("content", type_=Text))

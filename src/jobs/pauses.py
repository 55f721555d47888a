"""Ends the pause of a lane before its time, once something else has proved what it waits for."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Double, Update, bindparam, null, select, update

from jobs.tables import is_todo, job, lane
from storage.engine.compiled import CompiledStatement
from storage.engine.write import Write


def _end(dialect: str) -> Update:
    """`row_key` is the key of a job; only a lane that pauses, and that nobody holds, is changed."""
    now = bindparam("now", type_=Double)
    waiting = select(job.c.lane).where(job.c.key == bindparam("row_key"), is_todo)
    pauses = (lane.c.owner.is_(None), lane.c.not_before > now, lane.c.ready_at > now)
    its_lane = lane.c.name == waiting.scalar_subquery()
    return update(lane).where(its_lane, *pauses).values(ready_at=now, not_before=null())


# Writes run in the order of their names: lanes are locked before what the jobs in them wrote.
END_PAUSE = CompiledStatement(_end, name="aa.jobs.pauses.end")


def end_pauses(job_keys: Iterable[str], *, at: datetime) -> Write:
    """Make the lanes of these jobs due at `at`; those of jobs that are done stay as they are."""
    rows = [{"row_key": key, "now": at.timestamp()} for key in job_keys]
    return Write(END_PAUSE, rows)

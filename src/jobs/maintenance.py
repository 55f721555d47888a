"""Looking after the lanes: how far behind they are, what they know, retention."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Connection, Delete, Select, bindparam, delete, func, or_, select, update

from jobs.model import Job, JobState, LaneState, Priority
from jobs.tables import is_dead, is_todo, job, lane
from jobs.unreadable import readable_state
from storage.engine.compiled import CompiledStatement
from storage.engine.write import Write

#: Rows per transaction: deleting must not hold up a webhook.
PURGE_BATCH = 500


def count_jobs(connection: Connection, state: JobState, *, most: int | None = None) -> int:
    """Count the jobs in a state; up to `most` of them, if that is given."""
    is_meant = {JobState.TODO: is_todo, JobState.DEAD: is_dead}.get(state, job.c.state == state)
    some = select(job.c.id).where(is_meant).limit(most).subquery()
    return connection.scalar(select(func.count()).select_from(some)) or 0


@CompiledStatement
def _oldest_lanes(dialect: str) -> Select[tuple[str | None, float | None, float | None]]:
    """Select each pool of lanes that wait for a time, and the earliest time of each priority.

    It goes from pool to pool in the index, whatever the number of lanes.
    """
    waits = lane.c.ready_at.is_not(None)
    of_pool = select(lane.c.pool).where(waits).order_by(lane.c.pool).limit(1)
    pools = select(of_pool.scalar_subquery().label("pool")).cte("pools", recursive=True)
    following = of_pool.where(lane.c.pool > pools.c.pool).scalar_subquery()
    pools = pools.union_all(select(following).where(pools.c.pool.is_not(None)))
    oldest = [
        select(lane.c.ready_at)
        .where(lane.c.pool == pools.c.pool, lane.c.priority == priority.value, waits)
        .order_by(lane.c.ready_at)
        .limit(1)
        .scalar_subquery()
        for priority in Priority
    ]
    return select(pools.c.pool, *oldest)


def _due_since(connection: Connection, now: float) -> dict[str, float]:
    """Return the due time of the oldest lane of each pool that has lanes that are due."""
    found = {}
    for pool, *times in _oldest_lanes.fetch(connection):
        due = [time for time in times if time is not None and time <= now]
        if due:
            found[pool] = min(due)
    return found


def lag(connection: Connection, now: float, *, pools: Sequence[str]) -> timedelta:
    """For how long the work that is due has waited: the longest of all lanes of these pools."""
    due = _due_since(connection, now)
    oldest = min((due[pool] for pool in pools if pool in due), default=now)
    return timedelta(seconds=now - oldest)


def count_unserved(connection: Connection, now: float, *, pools: Sequence[str]) -> int:
    """How many lanes are due that are of none of these pools."""
    unserved = _due_since(connection, now).keys() - set(pools)
    if not unserved:
        return 0
    is_due = (lane.c.pool.in_(sorted(unserved)), lane.c.ready_at <= now)
    return connection.scalar(select(func.count()).select_from(lane).where(*is_due)) or 0


def newer_waits(connection: Connection, before: Job) -> bool:
    """Whether a newer job of its lane waits for this one."""
    is_newer = (job.c.lane == before.lane, job.c.state == JobState.TODO, job.c.id > before.id)
    return connection.scalar(select(job.c.id).where(*is_newer).limit(1)) is not None


def state_of(connection: Connection, name: str) -> LaneState:
    """What a lane knows; empty if there is none."""
    state = connection.scalar(select(lane.c.state).where(lane.c.name == name))
    return readable_state(state)


def states_of(connection: Connection, pool: str) -> dict[str, LaneState]:
    """What all lanes of a pool know, by their names."""
    query = select(lane.c.name, lane.c.state).where(lane.c.pool == pool)
    return {name: readable_state(state) for name, state in connection.execute(query)}


@CompiledStatement
def _forget_done(dialect: str) -> Delete:
    return delete(job).where(job.c.id == bindparam("row_key"), job.c.state == JobState.DONE.value)


def forget_done(job_id: int) -> Write:
    """Delete a job that nobody will look at, if it is finished: as part of its own outcome."""
    return Write(_forget_done, [{"row_key": job_id}])


def purge_done_jobs(
    connection: Connection, now: float, *, keep: timedelta, after: int
) -> int | None:
    """Delete the finished jobs that are too old among the next batch of jobs.

    It begins after the job of that id; returns the last one that was looked at, None at the end.
    That is where jobs are young: ids have the order of time. (Where the clock was ahead, they seem
    to come from the future, and are passed over.) Their keys go with them, so `keep` must outlast
    Meta's redeliveries (7 days).
    """
    batch = select(job.c.id, job.c.state, job.c.created_at).where(job.c.id > after)
    rows = connection.execute(batch.order_by(job.c.id).limit(PURGE_BATCH)).all()
    if not rows:
        return None
    before = now - keep.total_seconds()
    old = [row.id for row in rows if row.state == JobState.DONE and row.created_at < before]
    connection.execute(delete(job).where(job.c.id.in_(old)))
    return None if before <= rows[-1].created_at <= now else rows[-1].id


def purge_dead_letters(connection: Connection, now: float, *, keep: timedelta) -> int:
    """Delete a batch of dead letters that were stored `keep` ago; return how many, 0 at the end."""
    is_old = (is_dead, job.c.created_at < now - keep.total_seconds())
    ids = select(job.c.id).where(*is_old).order_by(job.c.id).limit(PURGE_BATCH)
    return connection.execute(delete(job).where(job.c.id.in_(ids))).rowcount


def empty_unused_lanes(
    connection: Connection, now: float, *, kept_pools: Sequence[str], keep: timedelta, after: str
) -> str | None:
    """Forget what lanes know that nobody has used for so long: a batch of lanes.

    Lanes of `kept_pools` are left out.

    It begins after the lane of that name; returns the last one that was looked at, None at the end.
    Lanes that wait for something, be it a timer, are in use. By name no index is needed but the one
    that is there.
    """
    batch = select(lane.c.name).where(lane.c.name > after).order_by(lane.c.name)
    names: Sequence[str] = connection.scalars(batch.limit(PURGE_BATCH)).all()
    if not names:
        return None
    is_unused = (
        lane.c.used_at < now - keep.total_seconds(),
        lane.c.ready_at.is_(None),
        lane.c.owner.is_(None),
        or_(lane.c.state.is_not(None), lane.c.unreadable.is_not(None)),
        lane.c.pool.not_in(kept_pools),
    )
    # One that is claimed or woken at this moment is locked, and passed over.
    unused = select(lane.c.name).where(lane.c.name.in_(names), *is_unused).order_by(lane.c.name)
    found = connection.scalars(unused.with_for_update(skip_locked=True)).all()
    emptied = {"state": None, "unreadable": None}
    connection.execute(update(lane).where(lane.c.name.in_(found)).values(emptied))
    return names[-1]

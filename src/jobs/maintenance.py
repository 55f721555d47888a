"""Looking after the lanes: how far behind they are, dead letters, retention."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Delete, bindparam, delete, func, select, update

from jobs.model import Job, JobState, LaneState
from jobs.tables import job, lane, timer
from storage.engine.compiled import CompiledStatement
from storage.engine.write import Write

#: Rows per transaction: deleting must not hold up a webhook.
PURGE_BATCH = 500


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A job that was given up."""

    id: int
    kind: str
    tries: int
    #: may quote what a person wrote: for operators' eyes, not for logs
    error: str


def count_jobs(connection: Connection, state: JobState) -> int:
    query = select(func.count()).select_from(job).where(job.c.state == state)
    return connection.scalar(query) or 0


def lag(connection: Connection, now: float, *, pools: Sequence[str]) -> timedelta:
    """For how long the work that is due has waited: the longest of all lanes of these pools."""
    is_due = (lane.c.pool.in_(pools), lane.c.ready_at <= now)
    oldest = connection.scalar(select(func.min(lane.c.ready_at)).where(*is_due))
    return timedelta(seconds=0 if oldest is None else now - oldest)


def count_unserved(connection: Connection, now: float, *, pools: Sequence[str]) -> int:
    """How many lanes are due that are of none of these pools."""
    is_due = (lane.c.pool.not_in(pools), lane.c.ready_at <= now)
    return connection.scalar(select(func.count()).select_from(lane).where(*is_due)) or 0


def newer_waits(connection: Connection, before: Job) -> bool:
    """Whether a newer job of its lane waits for this one."""
    is_newer = (job.c.lane == before.lane, job.c.state == JobState.TODO, job.c.id > before.id)
    return connection.scalar(select(job.c.id).where(*is_newer).limit(1)) is not None


def state_of(connection: Connection, name: str) -> LaneState:
    """What a lane knows; empty if there is none."""
    state = connection.scalar(select(lane.c.state).where(lane.c.name == name))
    return dict(json.loads(state or "{}"))


def states_of(connection: Connection, pool: str) -> dict[str, LaneState]:
    """What all lanes of a pool know, by their names."""
    query = select(lane.c.name, lane.c.state).where(lane.c.pool == pool)
    return {name: json.loads(state or "{}") for name, state in connection.execute(query)}


@CompiledStatement
def _forget_done(dialect: str) -> Delete:
    return delete(job).where(job.c.lane == bindparam("row_key"), job.c.state == JobState.DONE.value)


def forget_done(lane: str) -> Write:
    """Delete the finished jobs of a lane that nobody will look at."""
    return Write(_forget_done, [{"row_key": lane}])


def forget_lanes(connection: Connection, names: Sequence[str]) -> bool:
    """Delete lanes with all their jobs; False, and nothing is deleted, while they are busy."""
    ordered = select(lane.c.name, lane.c.owner).where(lane.c.name.in_(names)).order_by(lane.c.name)
    owners = [owner for _, owner in connection.execute(ordered.with_for_update())]
    waiting = select(job.c.id).where(job.c.lane.in_(names), job.c.state == JobState.TODO).limit(1)
    if any(owners) or connection.scalar(waiting) is not None:
        return False
    for column in (job.c.lane, timer.c.lane, lane.c.name):
        connection.execute(delete(column.table).where(column.in_(names)))
    return True


def dead_letters(connection: Connection, limit: int = 100) -> Sequence[DeadLetter]:
    """The most recent first."""
    query = select(job.c.id, job.c.kind, job.c.tries, job.c.error)
    is_dead = job.c.state == JobState.DEAD
    rows = connection.execute(query.where(is_dead).order_by(job.c.id.desc()).limit(limit))
    return [DeadLetter(*row) for row in rows]


def retry_dead_letters(
    connection: Connection, now: float, *, ids: Sequence[int] | None = None
) -> int:
    """Put given-up jobs back into their lanes (all of them by default); returns how many."""
    is_chosen = job.c.state == JobState.DEAD
    if ids is not None:
        is_chosen &= job.c.id.in_(ids)
    lanes = select(job.c.lane).where(is_chosen)
    names = sorted(set(connection.scalars(lanes)))
    # The lane first, as everywhere, so that no worker and we wait for each other.
    connection.execute(
        select(lane.c.name).where(lane.c.name.in_(names)).order_by(lane.c.name).with_for_update()
    )
    anew: dict[str, Any] = {"state": JobState.TODO, "tries": 0, "revived": job.c.revived + 1}
    revived = connection.execute(update(job).where(is_chosen).values(anew))
    connection.execute(update(lane).where(lane.c.name.in_(names)).values(wake=True))
    connection.execute(
        update(lane)
        .where(lane.c.name.in_(names), lane.c.owner.is_(None))
        .values(ready_at=now, not_before=None)
    )
    return revived.rowcount


def purge_done_jobs(connection: Connection, now: float, *, keep: timedelta) -> int:
    """Delete a batch of the oldest finished jobs; returns how many, 0 when none is left.

    Their keys go with them, so `keep` must outlast Meta's redeliveries (7 days).
    """
    old = (
        select(job.c.id)
        .where(job.c.state == JobState.DONE, job.c.created_at < now - keep.total_seconds())
        .order_by(job.c.id)
        .limit(PURGE_BATCH)
    )
    return connection.execute(delete(job).where(job.c.id.in_(old))).rowcount


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
        lane.c.state.is_not(None),
        lane.c.pool.not_in(kept_pools),
    )
    # One that is claimed or woken at this moment is locked, and passed over.
    unused = select(lane.c.name).where(lane.c.name.in_(names), *is_unused).order_by(lane.c.name)
    found = connection.scalars(unused.with_for_update(skip_locked=True)).all()
    connection.execute(update(lane).where(lane.c.name.in_(found)).values(state=None))
    return names[-1]

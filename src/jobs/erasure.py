"""Erasing lanes that are named after somebody, and jobs of other lanes that quote them.

Such a lane is named `pool:number:key`. It is found by its key, in pools that nobody serves or
declares any more, too.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    delete,
    false,
    func,
    or_,
    select,
)

from jobs.commit import pool_of
from jobs.tables import is_dead, is_todo, job, lane, timer
from storage.engine.database import empty_log_after
from storage.engine.group_commit import GroupCommit, Transaction

#: Ids of jobs that one transaction looks at: finished jobs have no index by lane.
SCAN_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Traces:
    """What the engine stores about somebody."""

    #: Names of their own lanes.
    lanes: Sequence[str]
    #: Names of shared lanes, whose jobs may quote them.
    shared_lanes: Sequence[str]
    #: Identifiers that jobs of shared lanes may quote.
    words: Collection[str]

    def is_about(self, pools: Collection[str] | None = None) -> ColumnElement[bool]:
        """Whether a job is of their own lanes, or quotes them in a shared one; of these pools."""
        own, shared = (
            [name for name in lanes if pools is None or pool_of(name) in pools]
            for lanes in (self.lanes, self.shared_lanes)
        )
        names_them = [job.c.body.contains(word, autoescape=True) for word in self.words]
        return or_(job.c.lane.in_(own), job.c.lane.in_(shared) & or_(false(), *names_them))


def find_traces(
    connection: Connection,
    keys: Collection[str],
    *,
    shared_pools: Collection[str],
    words: Collection[str],
) -> Traces:
    """Find the lanes named after one of `keys`, and those that may quote one of `words`."""
    ends = [lane.c.name.endswith(f":{key}", autoescape=True) for key in keys]
    found = connection.scalars(select(lane.c.name).where(or_(false(), *ends)))
    own = sorted(name for name in found if name.split(":", 2)[2:3] and _key_of(name) in keys)
    shared = connection.scalars(select(lane.c.name).where(lane.c.pool.in_(shared_pools)))
    return Traces(own, shared.all(), words)


def has_work(connection: Connection, traces: Traces, *, pools: Collection[str]) -> bool:
    """Return whether a job about them runs, or waits for a worker of one of these pools."""
    waiting = select(job.c.id).where(is_todo, traces.is_about(pools))
    return connection.scalar(waiting.limit(1)) is not None


def erase_traces(connection: Connection, traces: Traces, *, since: int = 0) -> None:
    """Delete lanes with their timers and jobs, waiting and dead ones, too, and jobs that quote.

    A worker that runs one of the jobs loses its lane, so nothing that it decides is stored.
    Finished jobs are deleted only if their ids are above `since`: see `erase_done_jobs`.
    """
    own = traces.lanes
    connection.execute(
        select(lane.c.name).where(lane.c.name.in_(own)).order_by(lane.c.name).with_for_update()
    )
    for is_open in (is_todo, is_dead):
        connection.execute(delete(job).where(is_open, traces.is_about()))
    connection.execute(delete(job).where(job.c.id > since, job.c.lane.in_(own)))
    for column in (timer.c.lane, lane.c.name):
        connection.execute(delete(column.table).where(column.in_(own)))
    empty_log_after(connection)


async def erase_done_jobs(database: GroupCommit, traces: Traces) -> int:
    """Delete the finished jobs of lanes, in batches; return up to which id none of them is left."""
    first, newest = await database.submit(Transaction(partial(_settled_ids, traces.lanes)))
    for start in range(first, newest + 1, SCAN_BATCH):
        batch = job.c.id.between(start, min(start + SCAN_BATCH - 1, newest))
        erased = delete(job).where(batch, job.c.lane.in_(traces.lanes), ~is_dead)
        await database.submit(Transaction(partial(_execute, erased)))
    return newest


def _settled_ids(lanes: Sequence[str], connection: Connection, _now: float) -> tuple[int, int]:
    """The first id, and the last one before the oldest job that waits in these lanes."""
    first, newest = connection.execute(select(func.min(job.c.id), func.max(job.c.id))).one()
    waiting = select(func.min(job.c.id)).where(is_todo, job.c.lane.in_(lanes))
    oldest = connection.scalar(waiting)
    return first or 1, (newest or 0) if oldest is None else oldest - 1


def _execute(statement: Delete, connection: Connection, _now: float) -> None:
    connection.execute(statement)


def _key_of(name: str) -> str:
    return name.split(":", 2)[2]

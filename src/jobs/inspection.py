"""Looking at stored jobs, retrying and discarding them: for the people who operate the bot."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, delete, or_, select, update

from jobs.model import JobState
from jobs.tables import is_dead, is_todo, job, lane


@dataclass(frozen=True, slots=True)
class StoredJob:
    """A job as it is stored, without its body."""

    id: int
    #: Names a person, in most pools.
    lane: str
    kind: str
    state: JobState
    tries: int
    #: May quote what a person wrote.
    error: str | None
    #: Seconds since 1970.
    created_at: float
    trace: str | None
    #: Number of times that it was a dead letter and was retried.
    revived: int

    @property
    def pool(self) -> str:
        return self.lane.partition(":")[0]


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs to list; None stands for all."""

    states: Collection[JobState]
    pool: str | None = None
    kind: str | None = None
    #: Keys after which lanes are named.
    keys: Collection[str] | None = None


_COLUMNS = [job.c[name] for name in StoredJob.__dataclass_fields__]


def find_jobs(connection: Connection, wanted: JobFilter, *, limit: int) -> list[StoredJob]:
    """Return the newest jobs that a filter lets through."""
    query = select(*_COLUMNS).where(job.c.state.in_(wanted.states))
    if wanted.pool is not None:
        query = query.where(job.c.lane.startswith(f"{wanted.pool}:", autoescape=True))
    if wanted.kind is not None:
        query = query.where(job.c.kind == wanted.kind)
    if wanted.keys is not None:
        ends = [job.c.lane.endswith(f":{key}", autoescape=True) for key in wanted.keys]
        query = query.where(or_(*ends))
    return _jobs(connection, query.order_by(job.c.id.desc()).limit(limit))


def find_job(connection: Connection, job_id: int) -> StoredJob | None:
    """Return one job, or None."""
    found = _jobs(connection, select(*_COLUMNS).where(job.c.id == job_id))
    return found[0] if found else None


def body_of(connection: Connection, job_id: int) -> str | None:
    """Return the JSON of a job's body: what people wrote. A finished job has none any more."""
    return connection.scalar(select(job.c.body).where(job.c.id == job_id))


def discard_jobs(connection: Connection, ids: Sequence[int]) -> int:
    """Delete dead letters, and jobs that wait in a lane that no worker holds; return how many."""
    names = sorted(set(connection.scalars(select(job.c.lane).where(job.c.id.in_(ids)))))
    locked = select(lane.c.name, lane.c.owner).where(lane.c.name.in_(names)).order_by(lane.c.name)
    held = [name for name, owner in connection.execute(locked.with_for_update()) if owner]
    is_idle = is_todo & job.c.lane.not_in(held)
    is_meant = (job.c.id.in_(ids), or_(is_dead, is_idle))
    connection.execute(update(lane).where(lane.c.name.in_(names)).values(starts=0))
    return connection.execute(delete(job).where(*is_meant)).rowcount


def retry_dead_letters(
    connection: Connection, now: float, *, ids: Sequence[int] | None = None
) -> int:
    """Put given-up jobs back into their lanes (all of them by default); returns how many."""
    is_chosen = is_dead if ids is None else is_dead & job.c.id.in_(ids)
    lanes = select(job.c.lane).where(is_chosen)
    names = sorted(set(connection.scalars(lanes)))
    # The lane first, as everywhere, so that no worker and we wait for each other.
    connection.execute(
        select(lane.c.name).where(lane.c.name.in_(names)).order_by(lane.c.name).with_for_update()
    )
    anew: dict[str, Any] = {"state": JobState.TODO, "tries": 0, "revived": job.c.revived + 1}
    revived = connection.execute(update(job).where(is_chosen).values(anew))
    connection.execute(update(lane).where(lane.c.name.in_(names)).values(wake=True, starts=0))
    connection.execute(
        update(lane)
        .where(lane.c.name.in_(names), lane.c.owner.is_(None))
        .values(ready_at=now, not_before=None)
    )
    return revived.rowcount


def _jobs(connection: Connection, query: Select[Any]) -> list[StoredJob]:
    rows = (row._asdict() for row in connection.execute(query))
    return [StoredJob(**{**row, "state": JobState(row["state"])}) for row in rows]

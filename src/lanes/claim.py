"""Taking lanes that are due, keeping them, and giving them back unfinished."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from sqlalchemy import Connection, bindparam, delete, select, true, tuple_, update

from lanes.change import release
from lanes.model import Job, JobState, Json
from lanes.tables import job, lane, timer
from storage.database import insert
from storage.group_commit import Operation

#: Jobs of one lane per claim: a busy lane may not starve the others.
JOBS_PER_CLAIM = 10


@dataclass(frozen=True, slots=True)
class ClaimedLane:
    """A lane that is ours until its lease ends, and the first jobs that wait in it."""

    name: str
    token: str
    state: Mapping[str, Json]
    jobs: Sequence[Job]


@dataclass(frozen=True, slots=True)
class Claim(Operation[Sequence[ClaimedLane]]):
    """Take up to `limit` lanes of some pools that are due, for `lease` seconds."""

    pools: tuple[str, ...]
    limit: int
    lease: float
    rank: ClassVar[int] = 2

    @classmethod
    def run(
        cls, operations: Sequence[Self], connection: Connection, now: float
    ) -> Sequence[Sequence[ClaimedLane]]:
        return [operation._take(connection, now) for operation in operations]

    def _take(self, connection: Connection, now: float) -> Sequence[ClaimedLane]:
        # A fresh token per claim: after a stall we may claim our own lane again, and then the
        # run that was stalled must lose.
        token = uuid.uuid4().hex
        is_due = (lane.c.pool.in_(self.pools), lane.c.ready_at <= now)
        due = select(lane.c.name).where(*is_due).order_by(lane.c.ready_at)
        taken = connection.execute(
            update(lane)
            .where(lane.c.name.in_(due.limit(self.limit).with_for_update(skip_locked=True)))
            .values(owner=token, ready_at=now + self.lease, wake=False)
            .returning(lane.c.name, lane.c.state)
        )
        states = {row.name: row.state for row in taken}
        if not states:
            return []
        _turn_due_timers_into_jobs(connection, states, now)
        jobs = _first_jobs(connection, states)
        if idle := [name for name in states if name not in jobs]:
            release(connection, idle, now)
        return [
            ClaimedLane(name, token, json.loads(states[name] or "{}"), waiting)
            for name, waiting in jobs.items()
        ]


@dataclass(frozen=True, slots=True)
class Held:
    """A lane, and the token under which we hold it."""

    name: str
    token: str


@dataclass(frozen=True, slots=True)
class Heartbeat(Operation[None]):
    """Keep lanes for another `lease` seconds. A lease that ran out is never revived."""

    held: Sequence[Held]
    lease: float
    rank: ClassVar[int] = 1

    @classmethod
    def run(cls, operations: Sequence[Self], connection: Connection, now: float) -> Sequence[None]:
        for operation in operations:
            connection.execute(
                update(lane)
                .where(
                    lane.c.name == bindparam("of"),
                    lane.c.owner == bindparam("token"),
                    lane.c.ready_at > now,
                )
                .values(ready_at=now + operation.lease),
                _sorted_rows(operation.held),
            )
        return [None] * len(operations)


@dataclass(frozen=True, slots=True)
class GiveBack(Operation[None]):
    """Let others take these lanes at once: we stop with their jobs undone."""

    held: Sequence[Held]
    rank: ClassVar[int] = 1

    @classmethod
    def run(cls, operations: Sequence[Self], connection: Connection, now: float) -> Sequence[None]:
        for operation in operations:
            connection.execute(
                update(lane)
                .where(lane.c.name == bindparam("of"), lane.c.owner == bindparam("token"))
                .values(owner=None, ready_at=now),
                _sorted_rows(operation.held),
            )
        return [None] * len(operations)


def free_all_lanes(connection: Connection, now: float) -> None:
    """At the start of the only process: whoever held a lane is dead."""
    connection.execute(
        update(lane).where(lane.c.owner.is_not(None)).values(owner=None, ready_at=now)
    )


def _sorted_rows(held: Sequence[Held]) -> list[dict[str, Any]]:
    return [
        {"of": one.name, "token": one.token} for one in sorted(held, key=lambda held: held.name)
    ]


def _turn_due_timers_into_jobs(
    connection: Connection, lanes: Mapping[str, Any], now: float
) -> None:
    """A due timer queues behind the messages that came before it, and is retried like them."""
    is_due = (timer.c.lane.in_(sorted(lanes)), timer.c.due_at <= now)
    due = connection.execute(select(timer).where(*is_due).order_by(timer.c.due_at)).all()
    if not due:
        return
    connection.execute(
        insert(connection, job),
        [{"lane": row.lane, "kind": "timer", "body": row.body, "created_at": now} for row in due],
    )
    connection.execute(
        delete(timer).where(
            tuple_(timer.c.lane, timer.c.name).in_([(row.lane, row.name) for row in due])
        )
    )


def _first_jobs(connection: Connection, lanes: Mapping[str, Any]) -> dict[str, list[Job]]:
    """The oldest waiting jobs of each lane that has any, at most JOBS_PER_CLAIM of each."""
    first = (
        select(job.c.id, job.c.lane, job.c.kind, job.c.body, job.c.tries, job.c.key)
        .where(job.c.lane == lane.c.name, job.c.state == JobState.TODO)
        .order_by(job.c.id)
        .limit(JOBS_PER_CLAIM)
    )
    if connection.dialect.name == "sqlite":  # has no LATERAL
        ids = first.with_only_columns(job.c.id).correlate(lane)
        query = select(job).join(lane, job.c.lane == lane.c.name).where(job.c.id.in_(ids))
    else:
        lateral = first.correlate(lane).lateral()
        query = select(lateral).select_from(lane).join(lateral, true())
    rows = connection.execute(query.where(lane.c.name.in_(sorted(lanes))))
    jobs: dict[str, list[Job]] = {}
    for row in sorted(rows, key=lambda row: row.id):
        found = Job(row.id, row.lane, row.kind, json.loads(row.body), row.tries, row.key)
        jobs.setdefault(row.lane, []).append(found)
    return jobs

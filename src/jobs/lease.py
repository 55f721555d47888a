"""Leases on lanes: claiming lanes that are due, extending leases, and releasing them early."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from sqlalchemy import Connection, update

from jobs import statements
from jobs.commit import pool_of, release
from jobs.isolation import SUSPECT_STARTS, ClaimedRow, Suspects, sort_out
from jobs.model import Job, LaneState
from jobs.statements import MAX_JOBS_PER_CLAIM
from jobs.tables import lane
from jobs.unreadable import Unreadable, claim_state, read_json
from storage.engine.compiled import as_list
from storage.engine.group_commit import Operation

#: Columns of a job made from a timer: it has no key, since it may come again, and no trace.
_OF_A_TIMER = {"key": None, "trace": None}


@dataclass(frozen=True, slots=True)
class ClaimedLane:
    """A lane that this worker holds until the lease ends, and its oldest waiting jobs."""

    name: str
    token: str
    state: LaneState
    jobs: Sequence[Job]
    #: Number of times that the first job was begun before and did not end.
    starts: int = 0
    #: Whether more jobs may wait behind these.
    has_more: bool = False

    @property
    def is_suspect(self) -> bool:
        """Whether its first job may have ended earlier processes."""
        return self.starts >= SUSPECT_STARTS


@dataclass(frozen=True, slots=True)
class Claim(Operation[Sequence[ClaimedLane]]):
    """Claim up to `limit` lanes of `pools` that are due, for `lease` seconds.

    The claim counts as a start of the first job of each lane; the jobs behind it begin, and count,
    once it has ended.
    """

    pools: tuple[str, ...]
    limit: int
    lease: float
    suspects: Suspects = Suspects.FIRST
    rank: ClassVar[int] = 2

    @classmethod
    def run(
        cls, operations: Sequence[Self], connection: Connection, now: float
    ) -> Sequence[Sequence[ClaimedLane]]:
        return [operation._take(connection, now) for operation in operations]

    def _take(self, connection: Connection, now: float) -> Sequence[ClaimedLane]:
        # A new token per claim. A worker that stalled may claim its own lane again; then the
        # stalled run must not be able to commit.
        token = uuid.uuid4().hex
        taken = statements.claim_lanes.fetch(
            connection,
            pools=as_list(self.pools),
            limit=self.limit,
            token=token,
            now=now,
            until=now + self.lease,
        )
        kept, left = sort_out(taken, self.suspects)
        if left:
            back = ReleaseLanes([LaneLease(name, token) for name, _, _ in left])
            ReleaseLanes.run([back], connection, now)
        if not kept:
            return []
        lanes = as_list(name for name, _, _ in kept)
        _turn_due_timers_into_jobs(connection, lanes, now)
        jobs = _first_jobs(connection, lanes)
        release(connection, [name for name, _, _ in kept if name not in jobs], now)
        return [_claimed(connection, token, row, jobs[row[0]]) for row in kept if row[0] in jobs]


@dataclass(frozen=True, slots=True)
class LaneLease:
    """A lane, and the token of the claim that holds it."""

    name: str
    token: str


@dataclass(frozen=True, slots=True)
class Heartbeat(Operation[None]):
    """Extend leases to `lease` seconds from now. A lease that has ended is never extended."""

    held: Sequence[LaneLease]
    lease: float
    rank: ClassVar[int] = 1

    @classmethod
    def run(cls, operations: Sequence[Self], connection: Connection, now: float) -> Sequence[None]:
        for operation in operations:
            times = {"now": now, "until": now + operation.lease}
            rows = ({**row, **times} for row in _sorted_rows(operation.held))
            statements.keep_lane.run_many(connection, rows)
        return [None] * len(operations)


@dataclass(frozen=True, slots=True)
class ReleaseLanes(Operation[None]):
    """Release lanes whose jobs are not done; other workers may claim them after `pause` seconds.

    The job that was begun there does not count as begun.
    """

    held: Sequence[LaneLease]
    pause: float = 0.0
    rank: ClassVar[int] = 1

    @classmethod
    def run(cls, operations: Sequence[Self], connection: Connection, now: float) -> Sequence[None]:
        for operation in operations:
            times = {"now": now, "on": now + operation.pause}
            rows = ({**row, **times} for row in _sorted_rows(operation.held))
            statements.give_lane_back.run_many(connection, rows)
        return [None] * len(operations)


def release_all_leases(connection: Connection, now: float) -> None:
    """Release every lane, at the start of the only process: the previous one has ended."""
    connection.execute(
        update(lane).where(lane.c.owner.is_not(None)).values(owner=None, ready_at=now)
    )


def _sorted_rows(held: Sequence[LaneLease]) -> list[dict[str, Any]]:
    return [
        {"of": lease.name, "token": lease.token}
        for lease in sorted(held, key=lambda lease: lease.name)
    ]


def _turn_due_timers_into_jobs(connection: Connection, lanes: str, now: float) -> None:
    """Put due timers behind the jobs that came before them; they are retried like jobs."""
    due = statements.due_timers.fetch(connection, lanes=lanes, now=now)
    statements.add_job.run_many(
        connection,
        (
            {"lane": of, "kind": "timer", "body": body, **_OF_A_TIMER, "created_at": now}
            for of, _, body in due
        ),
    )
    statements.delete_timer.run_many(
        connection, ({"lane": of, "name": name} for of, name, _ in due)
    )


def _first_jobs(connection: Connection, lanes: str) -> dict[str, list[Job]]:
    """Return the oldest waiting jobs of each lane that has any: at most 10 of each."""
    jobs: dict[str, list[Job]] = {}
    for row in statements.first_jobs.fetch(connection, lanes=lanes):
        jobs.setdefault(row[1], []).append(_job(*row))
    return jobs


def _job(id: int, of: str, kind: str, body: str, *rest: Any) -> Job:
    try:
        return Job(id, of, kind, read_json(body), *rest)
    except Unreadable:
        return replace(Job(id, of, kind, None, *rest), is_readable=False)


def _claimed(
    connection: Connection, token: str, row: ClaimedRow, jobs: Sequence[Job]
) -> ClaimedLane:
    name, state, starts = row
    # Of a job that was begun before nobody knows how it ends: the next ones are claimed after it.
    together = jobs if starts == 1 else jobs[:1]
    return ClaimedLane(
        name,
        token,
        claim_state(connection, name, pool_of(name), state),
        together,
        starts=starts - 1,
        has_more=len(jobs) == MAX_JOBS_PER_CLAIM or len(together) < len(jobs),
    )

"""Leases on lanes: claiming lanes that are due, extending leases, and releasing them early."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Self

from sqlalchemy import Connection, update

from domain.json import JsonValue
from jobs import statements
from jobs.claim_statement import claim_lanes
from jobs.commit import pool_of, release
from jobs.isolation import SUSPECT_STARTS, ClaimedRow, Suspects, sort_out
from jobs.model import Job, LaneState, Priority
from jobs.statements import MAX_JOBS_PER_CLAIM
from jobs.tables import lane
from jobs.unreadable import Unreadable, claim_state, read_json
from storage.engine.compiled import as_list
from storage.engine.group_commit import Operation

#: Columns of a job made from a timer: it has no key, since it may come again, and no trace.
_OF_A_TIMER = {"key": None, "trace": None}
#: No pool waits: what was begun in one is known from the database alone.
NO_GRACES: Mapping[str, float] = MappingProxyType({})


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
    priority: Priority = Priority.HIGH

    @property
    def is_suspect(self) -> bool:
        """Whether its first job may have ended earlier processes."""
        return self.starts >= SUSPECT_STARTS


@dataclass(frozen=True, slots=True)
class Claim(Operation[Sequence[ClaimedLane]]):
    """Claim up to `limit` lanes of `pools` that are due, for `lease` seconds.

    The claim counts as a start of the first job of each lane; the jobs behind it begin, and count,
    once it has ended.

    Lanes of the priority `first` are claimed before the others, and none that was due before
    `since`, in seconds since 1970.
    """

    pools: tuple[str, ...]
    limit: int
    lease: float
    suspects: Suspects = Suspects.FIRST
    first: Priority = Priority.HIGH
    since: float = 0.0
    #: Begins the tokens; names the session of this process while it holds its lock (`presence`).
    session: str = ""
    rank: ClassVar[int] = 2

    @classmethod
    def run(
        cls, operations: Sequence[Self], connection: Connection, now: float
    ) -> Sequence[Sequence[ClaimedLane]]:
        return [operation._take(connection, now) for operation in operations]

    def _take(self, connection: Connection, now: float) -> Sequence[ClaimedLane]:
        # A new token per claim. A worker that stalled may claim its own lane again; then the
        # stalled run must not be able to commit.
        token = f"{self.session}{uuid.uuid4().hex}"
        taken = claim_lanes(self.pools).fetch(
            connection,
            limit=self.limit,
            first=self.first.value,
            since=self.since,
            token=token,
            now=now,
            until=now + self.lease,
        )
        kept, left = sort_out(taken, self.suspects)
        if left:
            back = ReleaseLanes([LaneLease(name, token) for name, *_ in left])
            ReleaseLanes.run([back], connection, now)
        if not kept:
            return []
        priorities = {name: Priority(priority) for name, _, _, priority in kept}
        lanes = as_list(priorities)
        _turn_due_timers_into_jobs(connection, lanes, now)
        jobs = _first_jobs(connection, lanes, priorities)
        release(connection, [name for name in priorities if name not in jobs], now)
        return [_claimed(connection, token, row, jobs[row[0]]) for row in kept if row[0] in jobs]


@dataclass(frozen=True, slots=True)
class LaneLease:
    """A lane, and the token of the claim that holds it."""

    name: str
    token: str


@dataclass(frozen=True, slots=True)
class Heartbeat(Operation[Sequence[LaneLease]]):
    """Extend leases to `lease` seconds from now. A lease that has ended is never extended.

    Return those whose lanes another worker holds by now.
    """

    held: Sequence[LaneLease]
    lease: float
    rank: ClassVar[int] = 1

    @classmethod
    def run(
        cls, operations: Sequence[Self], connection: Connection, now: float
    ) -> Sequence[Sequence[LaneLease]]:
        return [operation._extend(connection, now) for operation in operations]

    def _extend(self, connection: Connection, now: float) -> Sequence[LaneLease]:
        names = as_list(lease.name for lease in self.held)
        holders = dict(map(tuple, statements.lock_lanes.fetch(connection, names=names)))
        times = {"now": now, "until": now + self.lease}
        rows = ({**row, **times} for row in _sorted_rows(self.held))
        statements.keep_lane.run_many(connection, rows)
        return [one for one in self.held if holders.get(one.name) not in (None, one.token)]


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


def release_all_leases(
    connection: Connection, now: float, *, graces: Mapping[str, float] = NO_GRACES
) -> None:
    """Release every lane, at the start of the only process: the previous one has ended.

    Lanes of the pools in `graces` are due after so many seconds: what was begun there may have had
    its effect, which somebody may still report.
    """
    # A lane that is held has a time, too, and those that have one are few.
    is_held = (lane.c.ready_at.is_not(None), lane.c.owner.is_not(None))
    for pool, grace in graces.items():
        paused = {"ready_at": now + grace, "not_before": now + grace, "used_at": now}
        connection.execute(
            update(lane).where(*is_held, lane.c.pool == pool).values(owner=None, **paused)
        )
    connection.execute(update(lane).where(*is_held).values(owner=None, ready_at=now))


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


def _first_jobs(
    connection: Connection, lanes: str, priorities: Mapping[str, Priority]
) -> dict[str, list[Job]]:
    """Return the oldest waiting jobs of each lane that has any: at most 10 of each."""
    jobs: dict[str, list[Job]] = {}
    for row in statements.first_jobs.fetch(connection, lanes=lanes):
        id, of, kind, body, tries, key, trace = row
        content, is_readable = _read(body)
        new = Job(id, of, kind, content, tries, key, trace, is_readable, priorities[of])
        jobs.setdefault(of, []).append(new)
    return jobs


def _read(body: str) -> tuple[JsonValue, bool]:
    """Return a stored body, and whether it is JSON."""
    try:
        return read_json(body), True
    except Unreadable:
        return None, False


def _claimed(
    connection: Connection, token: str, row: ClaimedRow, jobs: Sequence[Job]
) -> ClaimedLane:
    name, state, starts, priority = row
    # Of a job that was begun before nobody knows how it ends: the next ones are claimed after it.
    together = jobs if starts == 1 else jobs[:1]
    return ClaimedLane(
        name,
        token,
        claim_state(connection, name, pool_of(name), state),
        together,
        starts=starts - 1,
        has_more=len(jobs) == MAX_JOBS_PER_CLAIM or len(together) < len(jobs),
        priority=Priority(priority),
    )

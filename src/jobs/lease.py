"""Leases on lanes: claiming lanes that are due, extending leases, and releasing them early."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from sqlalchemy import Connection, update

from jobs import statements
from jobs.commit import release
from jobs.model import Job, LaneState
from jobs.tables import lane
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


@dataclass(frozen=True, slots=True)
class Claim(Operation[Sequence[ClaimedLane]]):
    """Claim up to `limit` lanes of `pools` that are due, for `lease` seconds."""

    pools: tuple[str, ...]
    limit: int
    lease: float
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
        taken = statements.claim_lanes.fetch(
            connection,
            pools=as_list(self.pools),
            limit=self.limit,
            token=token,
            now=now,
            until=now + self.lease,
        )
        if not taken:
            return []
        lanes = as_list(name for name, _ in taken)
        _turn_due_timers_into_jobs(connection, lanes, now)
        jobs = _first_jobs(connection, lanes)
        release(connection, [name for name, _ in taken if name not in jobs], now)
        return [
            ClaimedLane(name, token, json.loads(state or "{}"), jobs[name])
            for name, state in taken
            if name in jobs
        ]


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
    """Release lanes whose jobs are not done; other workers may claim them after `pause` seconds."""

    held: Sequence[LaneLease]
    pause: float = 0.0
    rank: ClassVar[int] = 1

    @classmethod
    def run(cls, operations: Sequence[Self], connection: Connection, now: float) -> Sequence[None]:
        for operation in operations:
            on = now + operation.pause
            rows = ({**row, "on": on} for row in _sorted_rows(operation.held))
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
    for id, of, kind, body, *rest in statements.first_jobs.fetch(connection, lanes=lanes):
        jobs.setdefault(of, []).append(Job(id, of, kind, json.loads(body), *rest))
    return jobs

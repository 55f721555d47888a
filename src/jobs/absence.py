"""Leases of processes whose session with PostgreSQL is gone (`jobs.presence`): found, and ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Double,
    Select,
    Text,
    Update,
    any_,
    bindparam,
    column,
    func,
    select,
    update,
)
from sqlalchemy import table as named_table

from jobs.tables import ALL_PRIORITIES, lane
from storage.engine.compiled import CompiledStatement
from storage.engine.group_commit import Operation

#: Ends the name of the session in a token of a claim.
SEPARATOR = ":"

_locks = named_table("pg_locks", column("locktype"), column("classid"), column("objid"))
_session: ColumnElement[str] = func.split_part(lane.c.owner, SEPARATOR, 1, type_=Text)
_now = bindparam("now", type_=Double)
#: Bounded in time, so that the index leads past all timers that are due later.
_is_in_lease = lane.c.ready_at <= bindparam("until", type_=Double)


def _among(name: str) -> ColumnElement[Any]:
    """Any value of a parameter that is a list; PostgreSQL can use an index for these."""
    return any_(bindparam(name, type_=ARRAY(Text)))


@CompiledStatement
def _absent_sessions(dialect: str) -> Select[Any]:
    """Select the sessions that hold lanes of `pools`, and have no lock."""
    name = func.concat(_locks.c.classid, ".", _locks.c.objid)
    present = select(name).where(_locks.c.locktype == "advisory")
    is_held = (
        lane.c.pool == _among("pools"),
        lane.c.priority.in_(ALL_PRIORITIES),
        lane.c.ready_at > _now,
        _is_in_lease,
        lane.c.owner.contains(SEPARATOR),
    )
    return select(_session).distinct().where(*is_held, _session.not_in(present))


@CompiledStatement
def _end_leases(dialect: str) -> Update:
    """End the leases of `sessions` in `pools` at `on`, unless they end sooner."""
    on = bindparam("on", type_=Double)
    is_theirs = (
        lane.c.pool == _among("pools"),
        lane.c.priority.in_(ALL_PRIORITIES),
        lane.c.ready_at > on,
        _is_in_lease,
        _session == _among("sessions"),
    )
    names = select(lane.c.name).where(*is_theirs)
    found = names.with_for_update(skip_locked=True)  # who locks one of them is not gone, or done
    return update(lane).where(lane.c.name.in_(found)).values(ready_at=on)


@dataclass(frozen=True, slots=True)
class AbsentSessions(Operation[frozenset[str]]):
    """Find the sessions that hold lanes of `pools`, for at most `lease` seconds, and are gone."""

    pools: tuple[str, ...]
    lease: float
    rank: ClassVar[int] = 4

    @classmethod
    def run(
        cls, operations: Sequence[Self], connection: Connection, now: float
    ) -> Sequence[frozenset[str]]:
        return [one._find(connection, now) for one in operations]

    def _find(self, connection: Connection, now: float) -> frozenset[str]:
        parameters = {"pools": list(self.pools), "now": now, "until": now + self.lease}
        return frozenset(name for (name,) in _absent_sessions.fetch(connection, **parameters))


@dataclass(frozen=True, slots=True)
class EndLeases(Operation[int]):
    """End the leases of sessions in `pools` after `grace` seconds. Return how many.

    They have `lease` seconds at most; those that end before are left as they are.
    """

    sessions: Sequence[str]
    pools: tuple[str, ...]
    lease: float
    grace: float
    rank: ClassVar[int] = 1

    @classmethod
    def run(cls, operations: Sequence[Self], connection: Connection, now: float) -> Sequence[int]:
        return [one._end(connection, now) for one in operations]

    def _end(self, connection: Connection, now: float) -> int:
        of: dict[str, Any] = {"sessions": list(self.sessions), "pools": list(self.pools)}
        return _end_leases.run(connection, **of, on=now + self.grace, until=now + self.lease)

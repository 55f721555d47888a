"""Which worker processes still run: each holds a lock of PostgreSQL with a session of its own.

The session of a killed process ends at once, and its lock with it
(postgresql.org/docs/current/explicit-locking.html, advisory locks). The other processes notice, and
end the leases of its lanes. A process that stalls keeps its session: its leases end by themselves.

A process that only lost its connection connects again, takes the same lock, and stops what others
have taken over meanwhile; its token no longer lets it store anything about those lanes.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Protocol, Self

import psycopg
from loguru import logger
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
from sqlalchemy.exc import DBAPIError

from jobs.tables import lane
from storage.engine.compiled import CompiledStatement
from storage.engine.group_commit import GroupCommit, Operation

#: Time between two looks at the locks of the others.
LOOK_INTERVAL = timedelta(seconds=0.5)
#: Time without its lock after which a process counts as gone: one that runs has it back sooner.
GONE_AFTER = timedelta(seconds=1)
#: The same for a process that lost its own session: all may have, when PostgreSQL restarted.
GONE_AFTER_RECONNECT = timedelta(seconds=5)
#: Longest wait for the answer that says whether a connection pool is in between.
POOL_TEST_TIMEOUT = timedelta(seconds=5)
#: Ends the name of the session in a token of a claim.
SEPARATOR = ":"

_BACKEND = "SELECT pg_backend_pid()"
_locks = named_table("pg_locks", column("locktype"), column("classid"), column("objid"))
_session: ColumnElement[str] = func.split_part(lane.c.owner, SEPARATOR, 1, type_=Text)
_now = bindparam("now", type_=Double)


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
        lane.c.ready_at > _now,
        lane.c.ready_at <= bindparam("until", type_=Double),  # by the index, past all timers
        lane.c.owner.contains(SEPARATOR),
    )
    return select(_session).distinct().where(*is_held, _session.not_in(present))


@CompiledStatement
def _end_leases(dialect: str) -> Update:
    """End the leases of `sessions` in `pools` at `on`, unless they end sooner."""
    on = bindparam("on", type_=Double)
    is_theirs = (
        lane.c.pool == _among("pools"),
        lane.c.ready_at > on,
        _session == _among("sessions"),
    )
    names = select(lane.c.name).where(*is_theirs).order_by(lane.c.name)
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
    """End the leases of sessions in `pools` after `grace` seconds, or sooner. Return how many."""

    sessions: Sequence[str]
    pools: tuple[str, ...]
    grace: float
    rank: ClassVar[int] = 1

    @classmethod
    def run(cls, operations: Sequence[Self], connection: Connection, now: float) -> Sequence[int]:
        return [one._end(connection, now) for one in operations]

    def _end(self, connection: Connection, now: float) -> int:
        of: dict[str, Any] = {"sessions": list(self.sessions), "pools": list(self.pools)}
        return _end_leases.run(connection, **of, on=now + self.grace)


class LaneHolder(Protocol):
    """A worker of this process."""

    pools: tuple[str, ...]
    #: Both in seconds.
    lease: float
    redelivery_grace: float
    #: Begins the tokens of its claims.
    session: str

    def wake(self) -> None: ...

    async def renew_leases(self) -> None: ...


class Presence:
    """The lock of this process, and what it does about the lanes of processes without theirs."""

    def __init__(
        self,
        database: GroupCommit,
        workers: Sequence[LaneHolder],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._workers = workers
        self._clock = clock
        #: Number of the lock, and its two halves, as `pg_locks` shows them.
        self._lock = secrets.randbits(63)
        self.session = f"{self._lock >> 32}.{self._lock & 0xFFFFFFFF}"
        self._gone_after = GONE_AFTER
        #: Since when sessions have been absent, by the clock.
        self._absent: dict[str, float] = {}

    async def hold(self, connection: psycopg.AsyncConnection[Any], address: str) -> None:
        """Take the lock, which lasts as long as the connection. Claims are in its name from now on.

        Behind a pool that gives each transaction another session there is no lock to hold: lanes
        of this process are then taken over at the end of their leases.
        """
        if await _is_pooled_by_transaction(connection, address):
            logger.warning(
                "a connection pool in transaction mode: work of a killed process waits for "
                "LEASE_SECONDS, and no process is told of new work"
            )
            return
        # Shared, so that a session which the server does not know to be cut off is not waited for.
        await connection.execute("SELECT pg_advisory_lock_shared(%s::bigint)", (self._lock,))
        self._name_claims(f"{self.session}{SEPARATOR}")

    def lose(self) -> None:
        """The connection is lost, and with it the lock and all that was seen of others."""
        self._name_claims("")
        self._absent = {}
        self._gone_after = GONE_AFTER_RECONNECT

    async def watch(self) -> None:
        """Look after the lanes of others until cancelled. Raise OperationalError without a lock."""
        if not any(worker.session for worker in self._workers):
            return
        await asyncio.gather(*(worker.renew_leases() for worker in self._workers))
        while True:
            await asyncio.sleep(LOOK_INTERVAL.total_seconds())
            await self.look()

    async def look(self) -> None:
        """End the leases of sessions that have been absent for long enough."""
        try:
            found = [await self._database.submit(_absent_for(worker)) for worker in self._workers]
            now, absent = self._clock(), frozenset().union(*found)
            if self.session in absent:
                raise psycopg.OperationalError("the server has ended this session")
            self._absent = {one: self._absent.get(one, now) for one in absent}
            patience = self._gone_after.total_seconds()
            gone = sorted(one for one, since in self._absent.items() if now - since >= patience)
            if gone:
                await self._take_over(gone)
        except DBAPIError:  # what was not seen for a while may have been back
            self._absent = {}

    async def _take_over(self, gone: Sequence[str]) -> None:
        for worker in self._workers:
            ended = EndLeases(gone, worker.pools, worker.redelivery_grace)
            if count := await self._database.submit(ended):
                logger.warning("{} lanes of a process that is gone are taken over", count)
                worker.wake()

    def _name_claims(self, session: str) -> None:
        for worker in self._workers:
            worker.session = session


def _absent_for(worker: LaneHolder) -> AbsentSessions:
    return AbsentSessions(worker.pools, worker.lease)


async def _is_pooled_by_transaction(connection: psycopg.AsyncConnection[Any], address: str) -> bool:
    """Return whether a pool, such as pgbouncer in transaction mode, gives sessions to others."""
    ours = await _backend(connection)
    if ours == connection.info.backend_pid:  # nothing is in between
        return False
    try:
        async with asyncio.timeout(POOL_TEST_TIMEOUT.total_seconds()):
            async with await psycopg.AsyncConnection.connect(address) as other:
                theirs = await _backend(other)  # and is kept until that transaction ends
                return theirs == ours or await _backend(connection) != ours
    except TimeoutError:  # the pool has no more sessions
        return True


async def _backend(connection: psycopg.AsyncConnection[Any]) -> int:
    [pid] = await (await connection.execute(_BACKEND)).fetchone() or [0]
    return int(pid)

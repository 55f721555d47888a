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
from typing import Any, Protocol

import psycopg
from loguru import logger
from sqlalchemy.exc import DBAPIError

from jobs.absence import SEPARATOR, AbsentSessions, EndLeases
from storage.engine.group_commit import GroupCommit

#: Time between two looks at the locks of the others.
LOOK_INTERVAL_SECONDS = 0.5
#: Time without its lock after which a process counts as gone: one that runs has it back sooner.
GONE_AFTER_SECONDS = 1.0
#: Time after losing our own session in which nobody counts as gone: PostgreSQL may have restarted,
#: and all processes take their locks again.
RECONNECT_GRACE_SECONDS = 5.0
#: Longest wait for the answer that says whether a connection pool is in between.
POOL_TEST_SECONDS = 5.0


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
        self._grace = 0.0
        self._judges_from = 0.0
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
        self._judges_from = self._clock() + self._grace
        self._name_claims(f"{self.session}{SEPARATOR}")

    def lose(self) -> None:
        """The connection is lost, and with it the lock and all that was seen of others."""
        self._name_claims("")
        self._absent = {}
        self._grace = RECONNECT_GRACE_SECONDS

    async def watch(self) -> None:
        """Look after the lanes of others until cancelled. Raise OperationalError without a lock."""
        if not any(worker.session for worker in self._workers):
            return
        await asyncio.gather(*(worker.renew_leases() for worker in self._workers))
        while True:
            await asyncio.sleep(LOOK_INTERVAL_SECONDS)
            await self.look()

    async def look(self) -> None:
        """End the leases of sessions that have been absent for long enough."""
        try:
            looks = (AbsentSessions(worker.pools, worker.lease) for worker in self._workers)
            found = await asyncio.gather(*map(self._database.submit, looks))
            now, absent = self._clock(), frozenset().union(*found)
            if self.session in absent:
                raise psycopg.OperationalError("the server has ended this session")
            self._absent = {one: self._absent.get(one, now) for one in absent}
            gone = [one for one, since in self._absent.items() if now - since >= GONE_AFTER_SECONDS]
            if gone and now >= self._judges_from:
                await self._take_over(gone)
        except DBAPIError:  # what was not seen for a while may have been back
            self._absent = {}

    async def _take_over(self, gone: Sequence[str]) -> None:
        for worker in self._workers:
            ended = EndLeases(gone, worker.pools, worker.lease, worker.redelivery_grace)
            if count := await self._database.submit(ended):
                logger.warning("{} lanes of a process that is gone are taken over", count)
                worker.wake()

    def _name_claims(self, session: str) -> None:
        for worker in self._workers:
            worker.session = session


async def _is_pooled_by_transaction(connection: psycopg.AsyncConnection[Any], address: str) -> bool:
    """Return whether a pool, such as pgbouncer in transaction mode, gives sessions to others."""
    ours = await _backend(connection)
    if ours == connection.info.backend_pid:  # nothing is in between
        return False
    try:
        async with asyncio.timeout(POOL_TEST_SECONDS):
            async with await psycopg.AsyncConnection.connect(address) as other:
                theirs = await _backend(other)  # and is kept until that transaction ends
                return theirs == ours or await _backend(connection) != ours
    except TimeoutError:  # the pool has no more sessions
        return True


async def _backend(connection: psycopg.AsyncConnection[Any]) -> int:
    [pid] = await (await connection.execute("SELECT pg_backend_pid()")).fetchone() or [0]
    return int(pid)

"""Group commit: operations that arrive while a transaction runs go together into the next one."""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, Protocol, Self, TypeVar

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError

from storage.engine.database import Clock, database_time
from storage.engine.kept_connection import KeptConnection
from storage.engine.problems import is_server_failure
from storage.engine.reader import Reader
from storage.engine.shared_clock import SharedClock

Result = TypeVar("Result", covariant=True)
Answer = TypeVar("Answer")

#: Most operations in one transaction.
MAX_GROUP_OPERATIONS = 500
#: Longest SQLite transaction that the event loop runs itself. Handing a transaction to a thread
#: costs more than most of them take: each statement waits twice for Python's lock.
MAX_INLINE_SECONDS = 0.05
#: Time in which the thread runs transactions after a longer one (a slow disk, a large purge).
IN_THREAD_SECONDS = 30.0
#: Turns of the event loop before a transaction, in which other operations may join. Waiting by
#: the clock would cost more: operations that arrive during a transaction share the next one anyway.
TURNS_TO_JOIN = 3
#: Longest wait for an answer of PostgreSQL, before the transaction is tried on a new connection.
MAX_SILENCE_SECONDS = 30.0
#: Attempts of one transaction.
MAX_ATTEMPTS = 8
#: Pause before the second attempt; it doubles each time.
FIRST_RETRY_SECONDS = 0.02


class Operation(Protocol[Result]):
    """Something to do in the next transaction; operations of one type run together."""

    #: types run in this order within a transaction
    rank: ClassVar[int]

    @classmethod
    def run(
        cls, operations: Sequence[Self], connection: Connection, now: float
    ) -> Sequence[Result]: ...


@dataclass(frozen=True, slots=True)
class Transaction(Operation[Answer]):
    """A function to run inside the transaction: for rare work, or several statements."""

    do: Callable[[Connection, float], Answer]
    rank: ClassVar[int] = 3

    @classmethod
    def run(
        cls, operations: Sequence[Self], connection: Connection, now: float
    ) -> Sequence[Answer]:
        return [operation.do(connection, now) for operation in operations]


@dataclass(frozen=True, slots=True)
class Probe(Operation[None]):
    """Writes nothing: it succeeds if the database can begin and commit a transaction."""

    rank: ClassVar[int] = 5

    @classmethod
    def run(cls, operations: Sequence[Self], connection: Connection, now: float) -> Sequence[None]:
        return [None] * len(operations)


class Waiter(NamedTuple):
    """An operation, and the future of its caller."""

    operation: Operation[Any]
    future: asyncio.Future[Any]
    since: float


Waiting = list[Waiter]


class GroupCommit:
    """Runs operations one group at a time; awaiting one awaits its commit.

    On SQLite there is only ever this one connection: several on one file can corrupt the WAL of
    versions before 3.51.3 (sqlite.org/wal.html, the WAL-reset bug).
    """

    def __init__(self, engine: Engine, clock: Clock = database_time) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="database")
        #: For queries that may take long.
        self.reader = Reader(engine, clock)
        self._waiting: Waiting = []
        self._committing: Waiting = []
        self._running: asyncio.Task[None] | None = None
        self._connection = KeptConnection(engine)
        self._clock = SharedClock(clock)
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._in_thread_until = 0.0

    @property
    def url(self) -> URL:
        """Address of the database."""
        return self._engine.url

    def clock(self) -> datetime:
        """Return the database's time, which all processes share: their own clocks may differ."""
        return self._clock.now()

    @property
    def clock_steps(self) -> int:
        """Number of times that this process saw the database's clock set back."""
        return self._clock.steps

    async def submit(self, operation: Operation[Answer]) -> Answer:
        """Run an operation in the next transaction; return its result once that is committed."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append(Waiter(operation, future, time.monotonic()))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._commit_all())
        return await future

    @property
    def behind(self) -> float:
        """Return the seconds that the oldest operation has waited for its commit."""
        oldest = self._committing or self._waiting
        return time.monotonic() - oldest[0].since if oldest else 0.0

    async def close(self) -> None:
        """Wait for all submitted operations, then close the connection."""
        if self._running is not None:
            await self._running
        self.reader.close()
        self._thread.shutdown()
        self._connection.close()
        self._engine.dispose()

    async def _commit_all(self) -> None:
        while self._waiting:
            for _ in range(TURNS_TO_JOIN):
                await asyncio.sleep(0)
            group = self._waiting[:MAX_GROUP_OPERATIONS]
            self._waiting = self._waiting[MAX_GROUP_OPERATIONS:]
            self._committing = group
            await self._commit(group)
            self._committing = []

    async def _commit(self, group: Waiting) -> None:
        try:
            results = await self._attempt([one.operation for one in group])
        except Exception as error:  # noqa: BLE001 - raised again where it was submitted
            if len(group) == 1 or is_server_failure(error):
                _fail(group, error)
            else:  # one bad operation must not take its neighbours with it
                for alone in group:
                    await self._commit([alone])
            return
        for waiter, result in zip(group, results, strict=True):
            if not waiter.future.done():  # its caller may have been cancelled
                waiter.future.set_result(result)

    async def _attempt(self, operations: list[Operation[Any]]) -> list[Any]:
        """Run a group; a rolled-back one is safe to run again (deadlock, failover, reconnect)."""
        is_suspect = False
        for attempt in range(MAX_ATTEMPTS - 1):
            try:
                return await self._run(operations)
            except DataError:  # such a value will not fit later either
                raise
            except (IntegrityError, ProgrammingError):
                if is_suspect:
                    raise
                is_suspect = True  # unless another process was faster: then it sees that now
            except DBAPIError:
                await asyncio.sleep(FIRST_RETRY_SECONDS * 2**attempt)
        return await self._run(operations)

    async def _run(self, operations: list[Operation[Any]]) -> list[Any]:
        if not self._is_inline(operations):
            loop = asyncio.get_running_loop()
            running = loop.run_in_executor(self._thread, self._transact, operations)
            alarm = loop.call_later(MAX_SILENCE_SECONDS, self._connection.hang_up)
            try:
                return await running
            finally:
                alarm.cancel()
        began = time.monotonic()
        try:
            return self._transact(operations)
        except DBAPIError:  # another program may hold the file's lock: do not wait for it here
            self._in_thread_until = began + IN_THREAD_SECONDS
            raise
        finally:
            ended = time.monotonic()
            if ended - began > MAX_INLINE_SECONDS:
                self._in_thread_until = ended + IN_THREAD_SECONDS

    def _is_inline(self, operations: list[Operation[Any]]) -> bool:
        """Return whether the event loop may run these itself: SQLite is fast at the moment."""
        if not self._is_sqlite or any(isinstance(one, Transaction) for one in operations):
            return False
        return time.monotonic() >= self._in_thread_until

    def _transact(self, operations: list[Operation[Any]]) -> list[Any]:
        places: dict[type[Operation[Any]], list[int]] = {}
        for place, operation in enumerate(operations):
            places.setdefault(type(operation), []).append(place)
        results: list[Any] = [None] * len(operations)
        with self._connection.transaction() as connection:
            now = self._clock.read(connection)
            for kind in sorted(places, key=lambda kind: kind.rank):
                group = [operations[place] for place in places[kind]]
                for place, result in zip(
                    places[kind], kind.run(group, connection, now), strict=True
                ):
                    results[place] = result
        self._connection.empty_log()
        return results


def _fail(group: Waiting, error: Exception) -> None:
    for waiter in group:
        if not waiter.future.done():
            waiter.future.set_exception(error)

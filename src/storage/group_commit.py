"""Many coroutines, one transaction: what arrives while one runs goes into the next."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self, TypeVar

from sqlalchemy import Connection, Engine, Select
from sqlalchemy.exc import DBAPIError, OperationalError

from storage.database import Clock, database_time

Result = TypeVar("Result", covariant=True)
Answer = TypeVar("Answer")

LARGEST_GROUP = 2000
ATTEMPTS = 5
FIRST_PAUSE_SECONDS = 0.02


class Operation(Protocol[Result]):
    """Something to do in the next transaction. Those of one type run together."""

    #: types run in this order within a transaction
    rank: ClassVar[int]

    @classmethod
    def run(
        cls, operations: Sequence[Self], connection: Connection, now: float
    ) -> Sequence[Result]: ...


@dataclass(frozen=True, slots=True)
class Work(Operation[Answer]):
    """A function of its own: for what is rare, or needs several statements."""

    do: Callable[[Connection, float], Answer]
    rank: ClassVar[int] = 3

    @classmethod
    def run(
        cls, operations: Sequence[Self], connection: Connection, now: float
    ) -> Sequence[Answer]:
        return [operation.do(connection, now) for operation in operations]


@dataclass(frozen=True, slots=True)
class Lookup(Operation[Any]):
    """One row by its key; all keys of one query are fetched at once.

    The query takes the expanding parameter `keys`, and its first column is the key.
    """

    query: Select[Any]
    key: str
    rank: ClassVar[int] = 4

    @classmethod
    def run(cls, operations: Sequence[Self], connection: Connection, now: float) -> Sequence[Any]:
        keys: dict[int, tuple[Select[Any], set[str]]] = {}
        for operation in operations:
            keys.setdefault(id(operation.query), (operation.query, set()))[1].add(operation.key)
        found: dict[tuple[int, str], Any] = {}
        for query, wanted in keys.values():
            for row in connection.execute(query, {"keys": sorted(wanted)}):
                found[id(query), row[0]] = row
        return [found.get((id(operation.query), operation.key)) for operation in operations]


Waiting = list[tuple[Operation[Any], asyncio.Future[Any]]]


class GroupCommit:
    """Runs operations in one thread that owns the connection; awaiting one awaits its commit.

    On SQLite there is only ever this one connection: several on one file can corrupt the WAL of
    versions before 3.51.3 (sqlite.org/wal.html, the WAL-reset bug).
    """

    def __init__(self, engine: Engine, clock: Clock = database_time) -> None:
        self._engine = engine
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="database")
        self._waiting: Waiting = []
        self._running: asyncio.Task[None] | None = None

    async def submit(self, operation: Operation[Answer]) -> Answer:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((operation, future))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._commit_all())
        return await future

    async def close(self) -> None:
        """Wait for what was submitted, then let go of the database."""
        if self._running is not None:
            await self._running
        self._thread.shutdown()
        self._engine.dispose()

    async def _commit_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:LARGEST_GROUP], self._waiting[LARGEST_GROUP:]
            await self._commit(group)

    async def _commit(self, group: Waiting) -> None:
        try:
            results = await self._attempt([operation for operation, _ in group])
        except Exception as error:  # noqa: BLE001 - whoever submitted it learns of it
            if len(group) == 1 or isinstance(error, OperationalError):  # the database itself
                _fail(group, error)
            else:  # one bad operation must not take its neighbours with it
                for alone in group:
                    await self._commit([alone])
            return
        for (_, future), result in zip(group, results, strict=True):
            if not future.done():  # its caller may have been cancelled
                future.set_result(result)

    async def _attempt(self, operations: list[Operation[Any]]) -> list[Any]:
        """Run a group; a rolled-back one is safe to run again (deadlock, failover, reconnect)."""
        loop = asyncio.get_running_loop()
        for attempt in range(ATTEMPTS - 1):
            try:
                return await loop.run_in_executor(self._thread, self._transact, operations)
            except DBAPIError:
                await asyncio.sleep(FIRST_PAUSE_SECONDS * 2**attempt)
        return await loop.run_in_executor(self._thread, self._transact, operations)

    def _transact(self, operations: list[Operation[Any]]) -> list[Any]:
        places: dict[type[Operation[Any]], list[int]] = {}
        for place, operation in enumerate(operations):
            places.setdefault(type(operation), []).append(place)
        results: list[Any] = [None] * len(operations)
        with self._engine.begin() as connection:
            now = self._clock(connection)
            for kind in sorted(places, key=lambda kind: kind.rank):
                group = [operations[place] for place in places[kind]]
                for place, result in zip(
                    places[kind], kind.run(group, connection, now), strict=True
                ):
                    results[place] = result
        return results


def _fail(group: Waiting, error: Exception) -> None:
    for _, future in group:
        if not future.done():
            future.set_exception(error)

"""Bugs that are put into the engine of one process on purpose: the checker has to find each."""

import asyncio
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, delete
from tests.prove.violations import Promise

import app.composition.database
import jobs.commit
import jobs.lease
from jobs.commit import CommitJobs
from jobs.job_queue import JobQueue
from jobs.lease import Heartbeat, LaneLease
from jobs.model import Job, NewJob, Priority
from jobs.tables import timer
from storage.engine.write import Write

#: Environment variable with the name of a bug.
VARIABLE = "PROOF_BUG"
#: Seconds for which `acknowledge_before_commit` keeps in memory what it should have stored.
BUFFERED_SECONDS = 0.3
#: One of so many messages is lost by `lose_outbox_rows`.
LOST_ONE_OF = 20


@dataclass(frozen=True, slots=True)
class Bug:
    """A bug, and the promise that it breaks."""

    put_in: Callable[[], None]
    breaks: Promise


def _replace(module: ModuleType | type, name: str, new: Any) -> None:
    """Replace a part of the engine; AttributeError if it has another name by now."""
    getattr(module, name)
    setattr(module, name, new)


def _acknowledge_before_commit() -> None:
    enqueue, running = JobQueue.enqueue, set()

    async def later(queue: JobQueue, new: Sequence[NewJob], writes: Sequence[Write]) -> None:
        await asyncio.sleep(BUFFERED_SECONDS)
        await enqueue(queue, new, writes)

    async def at_once(queue: JobQueue, new: Sequence[NewJob], writes: Sequence[Write] = ()) -> None:
        task = asyncio.create_task(later(queue, new, writes))
        running.add(task)
        task.add_done_callback(running.discard)

    _replace(JobQueue, "enqueue", at_once)


def _store_redeliveries() -> None:
    enqueue = JobQueue.enqueue

    async def under_new_keys(
        queue: JobQueue, new: Sequence[NewJob], writes: Sequence[Write] = ()
    ) -> None:
        await enqueue(queue, [replace(each, key=uuid4().hex) for each in new], writes)

    _replace(JobQueue, "enqueue", under_new_keys)


def _ignore_the_fence() -> None:
    def always(change: CommitJobs, holders: Mapping[str, str | None]) -> bool:
        return True

    extend = jobs.lease.Heartbeat._extend

    def without_telling(one: Heartbeat, connection: Connection, now: float) -> Sequence[LaneLease]:
        extend(one, connection, now)
        return []  # a worker that hears of its loss stops by itself

    _replace(jobs.commit, "_still_holds", always)
    _replace(jobs.lease.Heartbeat, "_extend", without_telling)


def _claim_without_order() -> None:
    first_jobs = jobs.lease._first_jobs

    def newest_first(
        connection: Connection, lanes: str, priorities: Mapping[str, Priority]
    ) -> dict[str, list[Job]]:
        found = first_jobs(connection, lanes, priorities)
        return {name: jobs[::-1] for name, jobs in found.items()}

    _replace(jobs.lease, "_first_jobs", newest_first)


def _lose_outbox_rows() -> None:
    decided = jobs.commit._jobs

    def most_of_them(changes: Sequence[CommitJobs]) -> Sequence[NewJob]:
        return [new for new in decided(changes) if not _is_unlucky(new)]

    _replace(jobs.commit, "_jobs", most_of_them)


def _is_unlucky(new: NewJob) -> bool:
    return new.kind == "send" and zlib.crc32(str(new.key).encode()) % LOST_ONE_OF == 0


def _forget_timers_at_start() -> None:
    release = jobs.lease.release_all_leases

    def and_forget(connection: Connection, now: float, **given: Any) -> None:
        release(connection, now, **given)
        connection.execute(delete(timer))

    _replace(app.composition.database, "release_all_leases", and_forget)


BUGS: Mapping[str, Bug] = {
    "acknowledge_before_commit": Bug(_acknowledge_before_commit, Promise.LOST),
    "store_redeliveries": Bug(_store_redeliveries, Promise.DOUBLED),
    "ignore_the_fence": Bug(_ignore_the_fence, Promise.FENCE),
    "claim_without_order": Bug(_claim_without_order, Promise.REORDERED),
    "lose_outbox_rows": Bug(_lose_outbox_rows, Promise.LOST),
    "forget_timers_at_start": Bug(_forget_timers_at_start, Promise.TIMER),
}

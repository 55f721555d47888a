"""Where work enters: stored durably before anyone is told that it was received."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Connection

from jobs.commit import CommitJobs
from jobs.model import NewJob
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import Write

Answer = TypeVar("Answer")

#: Longest wait for a commit before more webhooks are refused, in seconds: see `controllers.load`.
MAX_BEHIND_SECONDS = 3.0


class Overloaded(Exception):
    """The process is too far behind to take more webhooks: an error now is better than a wait."""


@dataclass(frozen=True, slots=True)
class Decision(Generic[Answer]):
    """What a function decided inside a transaction, and the answer to who asked."""

    answer: Answer
    jobs: Sequence[NewJob] = ()
    writes: Sequence[Write] = ()


class JobQueue:
    """Stores jobs for the workers. One process may have this without a worker."""

    def __init__(self, database: GroupCommit, wake: Callable[[], None] = lambda: None) -> None:
        self._database = database
        self._wake = wake

    def ensure_capacity(self) -> None:
        """Raise Overloaded when it takes too long to commit: whoever asks should come again."""
        if self._database.behind > MAX_BEHIND_SECONDS:
            raise Overloaded

    async def enqueue(self, jobs: Sequence[NewJob], writes: Sequence[Write] = ()) -> None:
        """Store these; returns once they are committed. Keys seen before are skipped."""
        if jobs or writes:
            await self._database.submit(CommitJobs(jobs, writes))
        if jobs:
            self._wake()

    async def decide(self, decide: Callable[[Connection, float], Decision[Answer]]) -> Answer:
        """Run a function in the next transaction, which also stores what it decides.

        `decide` gets the connection and the time in seconds since 1970, and may run again if the
        transaction fails.
        """

        def run(connection: Connection, now: float) -> Decision[Answer]:
            decided = decide(connection, now)
            if decided.jobs or decided.writes:
                CommitJobs.run([CommitJobs(decided.jobs, decided.writes)], connection, now)
            return decided

        decided = await self._database.submit(Transaction(run))
        if decided.jobs:
            self._wake()
        return decided.answer

"""Erasing a person: everything that is stored about them goes, and then they are told so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

from domain.user import User
from jobs import erasure as jobs
from jobs.commit import CommitJobs
from jobs.erasure import Traces
from schemas.cloud_api_schema import OutgoingMessage
from services.sending.outbox import Draft, enqueue_messages
from storage.engine.group_commit import GroupCommit, Transaction
from storage.people.erasure import forget
from storage.tables.users import same_person

Answer = TypeVar("Answer")

#: Time for which an erasure waits for work about the person; afterwards that is deleted, too.
MAX_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Erasure:
    """A request to erase a person, under each of their keys and phone numbers of ours."""

    person: User
    requested_at: datetime
    #: The last words to the person; empty if WhatsApp lets none through.
    farewell: Sequence[OutgoingMessage]
    #: The number of ours that says them.
    phone_number_id: str


@dataclass(frozen=True, slots=True)
class Eraser:
    """Erases people. `served_pools` have a worker, jobs of `quoting_pools` may quote people."""

    database: GroupCommit
    served_pools: Sequence[str]
    quoting_pools: Sequence[str]

    async def erase(self, wanted: Erasure, *, now: datetime) -> bool:
        """Erase a person and enqueue the farewell, in one commit. False if it is too early.

        What runs or waits for a worker goes first, say a reply, for `MAX_WAIT` at most. Nothing
        waits for dead letters and for work that has no worker.
        """
        is_patient = now < wanted.requested_at + MAX_WAIT
        traces = await self._submit(partial(self._traces, wanted.person, is_patient))
        if traces is None:
            return False
        since = await jobs.erase_done_jobs(self.database, traces)
        return await self._submit(partial(self._erase, wanted, is_patient, since))

    def _erase(
        self, wanted: Erasure, is_patient: bool, since: int, connection: Connection, now: float
    ) -> bool:
        traces = self._traces(wanted.person, is_patient, connection, now)
        if traces is None:
            return False
        jobs.erase_traces(connection, traces, since=since)
        forget(connection, wanted.person, now)
        CommitJobs.run([_farewell(wanted, now)], connection, now)
        return True

    def _traces(
        self, person: User, is_patient: bool, connection: Connection, now: float
    ) -> Traces | None:
        """What the engine knows of a person; None if it has to wait."""
        people = [person, *same_person(connection, person.key)]
        traces = jobs.find_traces(
            connection,
            {each.key for each in people},
            shared_pools=self.quoting_pools,
            words={one for each in people for one in (each.wa_id, each.user_id) if one},
        )
        if is_patient and jobs.has_work(connection, traces, pools=self.served_pools):
            return None
        return traces

    async def _submit(self, do: Callable[[Connection, float], Answer]) -> Answer:
        return await self.database.submit(Transaction(do))


def _farewell(wanted: Erasure, now: float) -> CommitJobs:
    """Nothing of the last message is kept once it is sent: see `SendJob.is_last`."""
    drafts = [Draft(one.payload(), extra={"is_last": True}) for one in wanted.farewell]
    at = datetime.fromtimestamp(now, UTC)
    told, writes = enqueue_messages(
        drafts, wanted.person, wanted.phone_number_id, at=at, is_quotable=False
    )
    return CommitJobs(told, writes)

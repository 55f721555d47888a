"""Writes what becomes of calls: each change of a row is one commit, with the jobs that follow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from features.calls import rows
from features.calls.job_specs import CHOICE, ENDED, ChoiceJob, EndedJob
from features.calls.states import CallState, End
from features.calls.tables import CallRow
from jobs.job_queue import Decided, JobQueue
from jobs.model import NewJob
from services.conversations.job_specs import CONVERSATIONS
from storage.engine.group_commit import GroupCommit, Transaction

#: Stands among the chosen steps for a request for a person.
HUMAN = "human"


@dataclass(frozen=True, slots=True)
class CallBook:
    """The rows of calls, as the desk uses them."""

    database: GroupCommit
    queue: JobQueue
    clock: Callable[[], datetime]

    async def advance(self, call: str, state: CallState) -> bool:
        """Note that a call is further. Return whether it still goes on."""
        at = self.clock()
        return await self.database.submit(
            Transaction(lambda connection, _: rows.advance(connection, call, state, at))
        )

    async def end(
        self, call: str, reason: End, more: Mapping[str, Any] | None = None
    ) -> CallRow | None:
        """End a call, and have the chat told, unless it has ended already. Return its row."""
        at = self.clock()

        def decide(connection: Any, _: float) -> Decided[CallRow | None]:
            row = rows.end(connection, call, reason, at, more)
            return Decided(row, jobs=after(row) if row is not None else ())

        return await self.queue.decide(decide)

    async def choose(self, row: CallRow, choice: str | None, number: int) -> None:
        """Have a step done in the chat; `number` tells one choice of a call from the next."""
        body = ChoiceJob(call=row.id, choice=choice, at=row.offered_at.timestamp())
        lane = CONVERSATIONS.lane(row.phone_number_id, row.user_key)
        job = CHOICE.new(lane, body, key=f"voice_choice:{row.id}:{number}")

        def decide(connection: Any, _: float) -> Decided[None]:
            rows.note_choice(connection, row.id, choice or HUMAN)
            return Decided(None, jobs=[job])

        await self.queue.decide(decide)


def after(row: CallRow) -> list[NewJob]:
    """Return the job by which the conversation takes note of the end of a call.

    The same call makes the same job, however often and by whatever event its end is seen.
    """
    if row.reason in (None, End.NOT_ALLOWED) or row.is_outgoing:
        return []
    body = EndedJob(
        call=row.id,
        end=row.reason,
        at=row.offered_at.timestamp(),
        seconds=row.seconds,
        chosen=tuple(row.chosen.split()),
    )
    lane = CONVERSATIONS.lane(row.phone_number_id, row.user_key)
    return [ENDED.new(lane, body, key=f"voice_ended:{row.id}")]

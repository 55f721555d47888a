"""Writes what becomes of calls: each change of a row is one commit, with the jobs that follow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from features.calls import rows
from features.calls.job_specs import CHOICE, NOTICE, ChoiceJob, NoticeJob, NoticeKind
from features.calls.states import CallState, End
from features.calls.tables import CallRow
from jobs.job_queue import Decided, JobQueue
from jobs.model import NewJob
from services.conversations.job_specs import CONVERSATIONS
from storage.engine.group_commit import GroupCommit, Transaction

#: What the chat says about a call, by its end; the other ends need no word.
NOTICES: Mapping[End, NoticeKind] = {
    End.OFF: NoticeKind.OFF,
    End.BUSY: NoticeKind.BUSY,
    End.CLOSED: NoticeKind.CLOSED,
    End.MISSED: NoticeKind.MISSED,
    End.NO_MEDIA: NoticeKind.BROKEN_OFF,
    End.FAILED: NoticeKind.BROKEN_OFF,
    End.DRAINED: NoticeKind.BROKEN_OFF,
    End.ORPHANED: NoticeKind.BROKEN_OFF,
}


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
            return Decided(row, jobs=notices(row) if row is not None else ())

        return await self.queue.decide(decide)

    async def choose(self, row: CallRow, choice: str | None, number: int) -> None:
        """Have a step done in the chat; `number` tells one choice of a call from the next."""
        body = ChoiceJob(call=row.id, choice=choice, at=row.offered_at.timestamp())
        lane = CONVERSATIONS.lane(row.phone_number_id, row.user_key)
        job = CHOICE.new(lane, body, key=f"voice_choice:{row.id}:{number}")
        name = "person" if choice is None else choice.partition(".")[2]

        def decide(connection: Any, _: float) -> Decided[None]:
            rows.note_choice(connection, row.id, name)
            return Decided(None, jobs=[job])

        await self.queue.decide(decide)


def notices(row: CallRow) -> list[NewJob]:
    """Return the job that tells the person of the end of a call, if it needs a word.

    The same call makes the same job, however often and by whatever event its end is seen.
    """
    kind = None if row.reason is None or row.is_outgoing else NOTICES.get(row.reason)
    if kind is None:
        return []
    body = NoticeJob(call=row.id, kind=kind, at=row.offered_at.timestamp())
    lane = CONVERSATIONS.lane(row.phone_number_id, row.user_key)
    return [NOTICE.new(lane, body, key=f"voice_notice:{row.id}")]

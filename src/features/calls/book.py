"""Writes what becomes of calls: each change of a row is one commit, with the jobs that follow."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from features.calls import own_rows, rows
from features.calls.job_specs import (
    CHOICE,
    ENDED,
    VOICEMAIL,
    ChoiceJob,
    EndedJob,
    VoicemailJob,
)
from features.calls.states import CallState, End
from features.calls.tables import CallRow
from jobs.job_queue import Decision, JobQueue
from jobs.model import NewJob
from services.conversations.job_specs import CONVERSATIONS
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import execute_writes
from storage.tables import kept_file_pieces, kept_files
from utils.key_ring import KeyRing

#: Time for which the messages of callers are kept.
KEEP_MESSAGES = timedelta(days=30)
OGG_OPUS = "audio/ogg; codecs=opus"
#: Stands among the chosen steps for a request for a person.
HUMAN = "human"


@dataclass(frozen=True, slots=True)
class CallBook:
    """The rows of calls, as the desk uses them."""

    database: GroupCommit
    queue: JobQueue
    #: Keys that encrypt the messages of callers.
    keys: KeyRing
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

        def decide(connection: Any, _: float) -> Decision[CallRow | None]:
            row = rows.end(connection, call, reason, at, more)
            return Decision(row, jobs=after(row) if row is not None else ())

        return await self.queue.decide(decide)

    async def note_reason(self, call: str, reason: End) -> None:
        """Note why a call is about to end, before Meta hears of it."""
        note = Transaction(lambda connection, _: rows.note_reason(connection, call, reason))
        with suppress(SQLAlchemyError, OSError):  # Meta has to hear of the end all the same
            await self.database.submit(note)

    async def keep_message(self, row: CallRow, audio: bytes, text: str) -> None:
        """Keep what a caller said for the team, and have the conversation show it."""
        at, file_id = self.clock(), f"voicemail:{row.id}"
        expected = kept_files.expect(
            file_id,
            user_key=row.user_key,
            kind="audio",
            mime_type=OGG_OPUS,
            filename=None,
            at=at,
            message_id=row.id,
            forget_at=at + KEEP_MESSAGES,
        )
        kept = kept_files.change(file_id, size=len(audio), kept_at=at)
        body = VoicemailJob(call=row.id, file=file_id, text=text, at=at.timestamp())
        lane = CONVERSATIONS.lane(row.phone_number_id, row.user_key)
        job = VOICEMAIL.new(lane, body, key=f"voicemail:{row.id}")

        def decide(connection: Connection, now: float) -> Decision[None]:
            if rows.find(connection, row.id) is None:  # the person deleted their data meanwhile
                return Decision(None)
            execute_writes(connection, [expected])
            for number, part in kept_file_pieces.pieces_of(audio):
                kept_file_pieces.put_piece(connection, self.keys, file_id, number, part, now)
            return Decision(None, jobs=[job], writes=[kept])

        await self.queue.decide(decide)

    async def name(self, own_id: str, call: str) -> CallRow | None:
        """Note what Meta calls a call of ours. Return its row; None if it is gone."""
        return await self.database.submit(
            Transaction(lambda connection, _: own_rows.rename(connection, own_id, call))
        )

    async def choose(self, row: CallRow, choice: str | None, number: int) -> None:
        """Have a step done in the chat; `number` tells one choice of a call from the next."""
        body = ChoiceJob(call=row.id, choice=choice, at=row.offered_at.timestamp())
        lane = CONVERSATIONS.lane(row.phone_number_id, row.user_key)
        job = CHOICE.new(lane, body, key=f"voice_choice:{row.id}:{number}")

        def decide(connection: Any, _: float) -> Decision[None]:
            rows.note_choice(connection, row.id, choice or HUMAN)
            return Decision(None, jobs=[job])

        await self.queue.decide(decide)


def after(row: CallRow) -> list[NewJob]:
    """Return the job by which the conversation takes note of the end of a call.

    The same call makes the same job, however often and by whatever event its end is seen.
    """
    if not row.is_over or row.reason in (None, End.NOT_ALLOWED):
        return []
    body = EndedJob(
        call=row.id,
        end=row.reason,
        at=row.offered_at.timestamp(),
        seconds=row.seconds,
        chosen=tuple(row.chosen.split()),
        is_outgoing=row.is_outgoing,
        error=row.error,
    )
    lane = CONVERSATIONS.lane(row.phone_number_id, row.user_key)
    return [ENDED.new(lane, body, key=f"voice_ended:{row.id}")]

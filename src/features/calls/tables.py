"""One row for each voice call, written by whichever webhook comes first."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Boolean, Column, Double, Integer, Table, Text

from features.calls.states import CallState, End
from storage.engine.database import UtcTimestamp, metadata
from storage.person_rows import delete_by, delete_rows, move_rows, older_than
from storage.person_table import declare_person_table

#: Time for which the row of a call is kept.
KEEP_CALLS = timedelta(days=180)

voice_call = Table(
    "voice_call",
    metadata,
    #: Meta's id of the call
    Column("id", Text, primary_key=True),
    Column("phone_number_id", Text, nullable=False),
    Column("user_key", Text, nullable=False, index=True),
    Column("is_outgoing", Boolean, nullable=False),
    #: a `CallState`
    Column("state", Text, nullable=False, index=True),
    #: an `End`, once the state is "ended", or is about to be
    Column("outcome", Text),
    #: the process that has the audio, and its last sign of life
    Column("owner", Text),
    Column("alive_at", UtcTimestamp),
    Column("language", Text),
    #: payload of the button or link by which the person called
    Column("payload", Text),
    #: ids of the choices that the person made, separated by spaces
    Column("chosen", Text, nullable=False),
    Column("offered_at", UtcTimestamp, nullable=False, index=True),
    Column("pre_accepted_at", UtcTimestamp),
    Column("connected_at", UtcTimestamp),
    Column("accepted_at", UtcTimestamp),
    Column("ended_at", UtcTimestamp),
    #: what Meta said of the end: its status, times, seconds and error code
    Column("meta_status", Text),
    Column("meta_started_at", UtcTimestamp),
    Column("meta_ended_at", UtcTimestamp),
    Column("duration", Integer),
    Column("error", Integer),
    #: seconds of speech of each side
    Column("heard_seconds", Double),
    Column("said_seconds", Double),
)


#: Time for which what Meta reports about a call of ours waits for the process that has the call.
KEEP_SIGNALS = timedelta(hours=1)

#: What Meta reports about our calls, for the process that has the call.
voice_signal = Table(
    "voice_signal",
    metadata,
    #: id of the call, and what is told: "answer", or a status
    Column("id", Text, primary_key=True),
    Column("call_id", Text, nullable=False, index=True),
    Column("user_key", Text, nullable=False, index=True),
    Column("status", Text),
    #: SDP of an answer
    Column("sdp", Text),
    Column("at", UtcTimestamp, nullable=False),
)


class CallRow(NamedTuple):
    """A row of `voice_call`, column by column."""

    id: str
    phone_number_id: str
    user_key: str
    is_outgoing: bool
    state: str
    outcome: str | None
    owner: str | None
    alive_at: datetime | None
    language: str | None
    payload: str | None
    chosen: str
    offered_at: datetime
    pre_accepted_at: datetime | None
    connected_at: datetime | None
    accepted_at: datetime | None
    ended_at: datetime | None
    meta_status: str | None
    meta_started_at: datetime | None
    meta_ended_at: datetime | None
    duration: int | None
    error: int | None
    heard_seconds: float | None
    said_seconds: float | None

    @property
    def is_over(self) -> bool:
        """Whether the call has ended."""
        return self.state == CallState.ENDED

    @property
    def reason(self) -> End | None:
        """Why it has ended; None while it goes on."""
        return End(self.outcome) if self.outcome is not None else None

    @property
    def seconds(self) -> int:
        """Length of the talk, in seconds: at least 1 if somebody picked up, else 0."""
        answered_at = self.accepted_at or self.meta_started_at
        measured = self.duration or 0
        if answered_at is None or self.ended_at is None:
            return measured
        if self.duration is None and self.accepted_at is not None:
            measured = int((self.ended_at - self.accepted_at).total_seconds())
        return max(1, measured)


def row_of(values: Any) -> CallRow:
    """Return the row that a SELECT of all columns found."""
    return CallRow(*values)


declare_person_table(
    voice_signal,
    on_erase=delete_rows,
    on_merge=move_rows,
    on_forget=delete_by(voice_signal.c.user_key),
    purge=older_than(KEEP_SIGNALS, voice_signal.c.at),
)
declare_person_table(
    voice_call,
    on_erase=delete_rows,
    on_merge=move_rows,
    on_forget=delete_by(voice_call.c.user_key),
    purge=older_than(KEEP_CALLS, voice_call.c.offered_at),
)

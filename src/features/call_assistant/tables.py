"""What was said in voice calls: turns while a call goes on, and one record for each call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Integer,
    Table,
    Text,
    Update,
    bindparam,
    delete,
    select,
    update,
)

from services.agent import ChatTurn
from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp, metadata
from storage.engine.sync_columns import sync_columns
from storage.person_rows import (
    PURGE_BATCH,
    delete_by,
    delete_rows,
    move_counted_rows,
    move_rows,
    older_than,
)
from storage.person_table import declare_person_table

#: Turns become part of the record of their call when it ends; others are left by a failure.
KEEP_TURNS = timedelta(days=2)

call_turn = Table(
    "call_turn",
    metadata,
    #: id of the call, and number of the turn
    Column("id", Text, primary_key=True),
    Column("call_id", Text, nullable=False, index=True),
    Column("user_key", Text, nullable=False, index=True),
    Column("number", Integer, nullable=False),
    #: who spoke: "user" or "assistant"
    Column("role", Text, nullable=False),
    Column("text", Text, nullable=False),
    #: whether the caller interrupted it
    Column("is_cut", Boolean, nullable=False),
    Column("at", UtcTimestamp, nullable=False, index=True),
)
declare_person_table(
    call_turn,
    on_erase=delete_rows,
    on_merge=move_rows,
    on_forget=delete_by(call_turn.c.user_key),
    purge=older_than(KEEP_TURNS, call_turn.c.at),
)

call_record = Table(
    "call_record",
    metadata,
    #: Meta's id of the call
    Column("id", Text, primary_key=True),
    Column("user_key", Text, nullable=False, index=True),
    Column("started_at", UtcTimestamp, nullable=False),
    #: length of the talk, and why it ended; empty while it goes on
    Column("seconds", Integer),
    Column("outcome", Text),
    #: tokens of the models
    Column("tokens", Integer, nullable=False),
    Column("summary", Text, nullable=False),
    Column("transcript", Text, nullable=False),
    #: when summary and transcript are deleted
    Column("kept_until", UtcTimestamp, nullable=False, index=True),
    *sync_columns(),
)


@dataclass(frozen=True, slots=True)
class CallRecord:
    """A call in which the assistant talked, as operators see it."""

    id: str
    user_key: str
    started_at: datetime
    seconds: int | None
    outcome: str | None
    tokens: int
    summary: str
    transcript: str


def _empty_of_person(dialect: str) -> Update:
    return (
        update(call_record)
        .where(call_record.c.user_key == bindparam("row_key"))
        .values(summary="", transcript="", rev=call_record.c.rev + 1)
    )


def empty_old(connection: Connection, now: float) -> int:
    """Delete the words of a batch of calls whose time is over, here and where operators see them.

    Return how many there were.
    """
    is_over = call_record.c.kept_until < datetime.fromtimestamp(now, UTC)
    has_words = (call_record.c.summary != "") | (call_record.c.transcript != "")
    old = select(call_record.c.id).where(is_over, has_words).limit(PURGE_BATCH)
    emptied = {"summary": "", "transcript": "", "rev": call_record.c.rev + 1}
    done = connection.execute(update(call_record).where(call_record.c.id.in_(old)).values(emptied))
    return done.rowcount


declare_person_table(
    call_record,
    on_erase=delete_rows,
    on_merge=move_counted_rows,
    on_forget=CompiledStatement(_empty_of_person, name="call_record.empty"),
    purge=empty_old,
)


def begin(connection: Connection, record: CallRecord, kept_until: datetime) -> None:
    """Add the record of a call that begins, unless it is there."""
    known = connection.scalar(select(call_record.c.id).where(call_record.c.id == record.id))
    if known is None:
        connection.execute(
            call_record.insert().values(
                id=record.id,
                user_key=record.user_key,
                started_at=record.started_at,
                tokens=record.tokens,
                summary=record.summary,
                transcript=record.transcript,
                kept_until=kept_until,
            )
        )


def add_turn(
    connection: Connection,
    call: str,
    user_key: str,
    number: int,
    turn: ChatTurn,
    *,
    is_cut: bool,
    at: datetime,
) -> None:
    """Add what one side said."""
    connection.execute(
        call_turn.insert().values(
            id=f"{call}:{number}",
            call_id=call,
            user_key=user_key,
            number=number,
            role=turn.role,
            text=turn.text,
            is_cut=is_cut,
            at=at,
        )
    )


def add_tokens(connection: Connection, call: str, tokens: int) -> None:
    """Count what the models cost."""
    total = {"tokens": call_record.c.tokens + tokens}
    connection.execute(update(call_record).where(call_record.c.id == call).values(total))


def turns_of(connection: Connection, call: str) -> Sequence[tuple[ChatTurn, bool]]:
    """Return what was said in a call, in order, and whether each turn was interrupted."""
    columns = (call_turn.c.role, call_turn.c.text, call_turn.c.is_cut)
    query = select(*columns).where(call_turn.c.call_id == call).order_by(call_turn.c.number)
    return [
        (ChatTurn(_role(role), text), is_cut) for role, text, is_cut in connection.execute(query)
    ]


def end(connection: Connection, call: str, values: Mapping[str, Any]) -> None:
    """Complete the record of a call, and delete its turns."""
    done = {**values, "rev": call_record.c.rev + 1}
    connection.execute(update(call_record).where(call_record.c.id == call).values(done))
    connection.execute(delete(call_turn).where(call_turn.c.call_id == call))


def find(connection: Connection, call: str) -> CallRecord | None:
    """Return the record of a call; None if no assistant talked in it."""
    columns = [call_record.c[name] for name in CallRecord.__dataclass_fields__]
    row = connection.execute(select(*columns).where(call_record.c.id == call)).first()
    return None if row is None else CallRecord(*row)


def has_words(connection: Connection, user_key: str) -> bool:
    """Return whether anything that a person said in calls is kept."""
    of_record = (call_record.c.summary != "") | (call_record.c.transcript != "")
    queries = (
        select(call_turn.c.id).where(call_turn.c.user_key == user_key),
        select(call_record.c.id).where(call_record.c.user_key == user_key, of_record),
    )
    return any(connection.scalar(query.limit(1)) is not None for query in queries)


def _role(role: str) -> Literal["user", "assistant"]:
    return "user" if role == "user" else "assistant"

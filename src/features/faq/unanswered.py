"""Questions to which no FAQ entry is near: one row per person and question."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Insert,
    Select,
    Table,
    Text,
    bindparam,
    null,
    select,
    update,
)

from services.conversations.decisions import Decisions, writing
from services.conversations.turn import ConversationTurn
from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp, insert_for, metadata
from storage.engine.sync_columns import sync_columns
from storage.engine.write import Write, change_row
from storage.person_rows import blank, delete_rows, move_counted_rows, older_than
from storage.person_table import declare_person_table
from utils.digest import digest

#: Time for which a question is kept that operators have settled.
KEEP_SETTLED = timedelta(days=7)
#: Latest open questions that operators see.
MAX_OPEN = 1_000
#: Longest question that operators are shown, in characters.
MAX_QUESTION_CHARS = 300


@dataclass(frozen=True, slots=True)
class UnansweredQuestion:
    """A question to which no FAQ entry is near."""

    id: str
    user_key: str
    question: str
    language: str
    asked_at: datetime


unanswered = Table(
    "unanswered",
    metadata,
    #: a hash of person and question
    Column("id", Text, primary_key=True),
    Column("user_key", Text, nullable=False, index=True),
    Column("question", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("asked_at", UtcTimestamp, nullable=False),
    #: when operators answered it, or put it aside; the same question once more opens it again
    Column("settled_at", UtcTimestamp, index=True),
    *sync_columns(),
)
is_open: ColumnElement[bool] = unanswered.c.settled_at.is_(None)
declare_person_table(
    unanswered,
    on_erase=delete_rows,
    on_merge=move_counted_rows,
    on_forget=blank(unanswered.c.question),
    purge=older_than(KEEP_SETTLED, unanswered.c.settled_at),
)


@CompiledStatement
def _add(dialect: str) -> Insert:
    names = ("user_key", "question", "language", "asked_at")
    new = insert_for(dialect, unanswered).values(
        id=bindparam("row_key"), **{name: bindparam(name) for name in names}
    )
    again: dict[str, Any] = {
        "asked_at": new.excluded.asked_at,
        "settled_at": null(),
        "rev": unanswered.c.rev + 1,
    }
    was_settled = unanswered.c.settled_at.is_not(None)
    return new.on_conflict_do_update(
        index_elements=[unanswered.c.id], set_=again, where=was_settled
    )


def add(question_id: str, *, user_key: str, question: str, language: str, at: datetime) -> Write:
    """Add a question; the same `question_id` once more changes nothing while it is open."""
    row = {
        "row_key": question_id,
        "user_key": user_key,
        "question": question,
        "language": language,
        "asked_at": at,
    }
    return Write(_add, [row])


def note(turn: ConversationTurn) -> Decisions:
    """Show operators a question that they have no answer to."""
    question = " ".join(turn.text.split())[:MAX_QUESTION_CHARS]
    mark = digest(f"{turn.user.key}\n{question.lower()}", 16)
    key, language, at = turn.user.key, turn.language, turn.now
    return writing(add(mark, user_key=key, question=question, language=language, at=at))


def of(connection: Connection, user_key: str) -> Sequence[str]:
    """Return the questions of a person, in their own words."""
    theirs = (unanswered.c.user_key == user_key, unanswered.c.question != "")
    query = select(unanswered.c.question).where(*theirs).order_by(unanswered.c.asked_at)
    return list(connection.scalars(query))


def open_questions(connection: Connection) -> Sequence[UnansweredQuestion]:
    """Return the latest questions that nobody has settled."""
    columns = (unanswered.c[name] for name in UnansweredQuestion.__dataclass_fields__)
    query = select(*columns).where(is_open, unanswered.c.question != "")
    rows = connection.execute(query.order_by(unanswered.c.asked_at.desc()).limit(MAX_OPEN))
    return [UnansweredQuestion(*row) for row in rows]


def settle(connection: Connection, ids: Collection[str], at: datetime) -> None:
    """Show questions no more."""
    is_it = unanswered.c.id.in_(ids)
    connection.execute(update(unanswered).where(is_it).values(settled_at=at))


@CompiledStatement
def _settled(dialect: str) -> Select[Any]:
    of = unanswered.c
    query = select(of.id, of.record_id).where(of.settled_at.is_not(None), of.record_id.is_not(None))
    return query.limit(bindparam("most"))


def settled_records(connection: Connection, *, most: int) -> Sequence[tuple[str, str]]:
    """Return (id, Airtable's id of the record) of questions that are settled."""
    return [(id_, record) for id_, record in _settled.fetch(connection, most=most)]


def record_gone(question_id: str) -> Write:
    """Note that Airtable shows a question no more."""
    return change_row(unanswered.c.id, question_id, {"record_id": None})

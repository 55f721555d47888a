"""Questions to which no FAQ entry is near: one row per person and question."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Insert, Table, Text, bindparam, select

from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp, insert_for, metadata
from storage.engine.sync_columns import sync_columns
from storage.engine.write import Write
from storage.person_rows import blank, delete_rows, move_counted_rows
from storage.person_table import declare_person_table


@dataclass(frozen=True, slots=True)
class Unanswered:
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
    *sync_columns(),
)
declare_person_table(
    unanswered,
    on_erase=delete_rows,
    on_merge=move_counted_rows,
    on_forget=blank(unanswered.c.question),
)


@CompiledStatement
def _add(dialect: str) -> Insert:
    names = ("user_key", "question", "language", "asked_at")
    new = insert_for(dialect, unanswered).values(
        id=bindparam("row_key"), **{name: bindparam(name) for name in names}
    )
    return new.on_conflict_do_nothing()


def add(question_id: str, *, user_key: str, question: str, language: str, at: datetime) -> Write:
    """Add a question; the same `question_id` once more changes nothing."""
    row = {
        "row_key": question_id,
        "user_key": user_key,
        "question": question,
        "language": language,
        "asked_at": at,
    }
    return Write(_add, [row])


def of(connection: Connection, user_key: str) -> Sequence[str]:
    """Return the questions of a person, in their own words."""
    theirs = (unanswered.c.user_key == user_key, unanswered.c.question != "")
    query = select(unanswered.c.question).where(*theirs).order_by(unanswered.c.asked_at)
    return list(connection.scalars(query))

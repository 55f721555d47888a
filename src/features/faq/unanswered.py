"""What people asked and operators have not answered yet: once per person and question."""

from datetime import datetime

from sqlalchemy import Column, Insert, Table, Text, bindparam

from domain.contact import Unanswered
from features.airtable.tables.sync_tracking import SyncTable, blanking, sync_columns
from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp, insert_for, metadata
from storage.engine.write import Write

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
sync_table = SyncTable(unanswered, Unanswered, order=unanswered.c.asked_at)
_blank = blanking(unanswered.c.question)


@CompiledStatement
def _add(dialect: str) -> Insert:
    names = ("user_key", "question", "language", "asked_at")
    new = insert_for(dialect, unanswered).values(
        id=bindparam("row_key"), **{name: bindparam(name) for name in names}
    )
    return new.on_conflict_do_nothing()


def add(question_id: str, *, user_key: str, question: str, language: str, at: datetime) -> Write:
    row = {
        "row_key": question_id,
        "user_key": user_key,
        "question": question,
        "language": language,
        "asked_at": at,
    }
    return Write(_add, [row])


def forget_words(user_key: str) -> Write:
    """What this person wrote; that they did stays."""
    return Write(_blank, [{"row_key": user_key}])

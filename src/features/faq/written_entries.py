"""Entries that operators wrote in the inbox; those that Airtable has as well are its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Delete,
    Select,
    Table,
    Text,
    bindparam,
    delete,
    select,
)

from domain.json import JsonObject
from features.faq.entry import FaqEntry
from services.open_questions import WrittenAnswer
from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp, insert, metadata
from storage.engine.write import Write, change_row

#: In place of the id of a record that Airtable does not take.
REFUSED = ""

faq_entry = Table(
    "faq_entry",
    metadata,
    #: `FaqEntry.id`
    Column("id", Text, primary_key=True),
    Column("question", Text, nullable=False),
    #: other wordings, one a line
    Column("also", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("written_by", Text, nullable=False),
    Column("written_at", UtcTimestamp, nullable=False),
    #: id of the record in Airtable; None before it is there
    Column("record_id", Text),
)


@dataclass(frozen=True, slots=True)
class WrittenEntry:
    """An entry as it is stored."""

    id: str
    question: str
    also: str
    answer: str
    language: str
    written_by: str
    record_id: str | None = None

    @property
    def entry(self) -> FaqEntry:
        """Return the entry as it is searched."""
        also = tuple(self.also.splitlines())
        return FaqEntry(self.question, self.answer, also, self.language, self.record_id or None)

    def shown(self) -> WrittenAnswer:
        """Return the entry as operators wrote it."""
        return WrittenAnswer(
            self.question,
            self.answer,
            self.language,
            tuple(self.also.splitlines()),
            self.written_by,
            is_elsewhere=bool(self.record_id),
        )

    def to_cells(self) -> JsonObject:
        """Return the cells of its record."""
        return {
            "Question": self.question,
            "Also asked as": self.also,
            "Answer": self.answer,
            "Language": self.language,
            "Active": True,
        }


def put(connection: Connection, written: WrittenAnswer, at: datetime) -> None:
    """Store an entry, in place of one with the same question."""
    values = {
        "question": written.question,
        "also": "\n".join(written.also),
        "answer": written.answer,
        "language": written.language,
        "written_by": written.author,
        "written_at": at,
        "record_id": None,
    }
    id_ = FaqEntry(written.question, written.answer).id
    new = insert(connection, faq_entry).values(id=id_, **values)
    of = faq_entry.c
    connection.execute(new.on_conflict_do_update(index_elements=[of.id], set_=values))


@CompiledStatement
def _all(dialect: str) -> Select[Any]:
    of = faq_entry.c
    names = ("id", "question", "also", "answer", "language", "written_by", "record_id")
    return select(*(of[name] for name in names)).order_by(of.written_at.desc(), of.id)


def all_entries(connection: Connection) -> Sequence[WrittenEntry]:
    """Return all entries, the latest first."""
    return [WrittenEntry(*row) for row in _all.fetch(connection)]


def remove(connection: Connection, question: str) -> None:
    """Delete the entry of a question."""
    connection.execute(delete(faq_entry).where(faq_entry.c.question == question))


def mirrored(entry_id: str, record_id: str) -> Write:
    """Note which record shows an entry."""
    return change_row(faq_entry.c.id, entry_id, {"record_id": record_id})


@CompiledStatement
def _drop(dialect: str) -> Delete:
    return delete(faq_entry).where(faq_entry.c.id == bindparam("row_key"))


def drop(ids: Sequence[str]) -> Write:
    """Delete entries whose records operators edit from now on."""
    return Write(_drop, [{"row_key": one} for one in ids], is_private=True)

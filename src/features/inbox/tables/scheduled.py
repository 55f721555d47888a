"""Messages that operators wrote for later."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Column, Connection, Delete, Table, Text, bindparam, delete, select

from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp, metadata
from storage.engine.write import Write
from storage.person_rows import delete_by, delete_rows, move_rows
from storage.person_table import declare_person_table

#: Most messages that wait for one person.
MAX_SCHEDULED = 20


class ScheduledMessage(NamedTuple):
    """A message for later, column by column."""

    id: str
    user_key: str
    at: datetime
    text: str
    author: str


inbox_scheduled = Table(
    "inbox_scheduled",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_key", Text, nullable=False, index=True),
    Column("at", UtcTimestamp, nullable=False),
    Column("text", Text, nullable=False),
    Column("author", Text, nullable=False),
)
declare_person_table(
    inbox_scheduled,
    on_erase=delete_rows,
    on_merge=move_rows,
    on_forget=delete_by(inbox_scheduled.c.user_key),
)


@CompiledStatement
def _remove(dialect: str) -> Delete:
    return delete(inbox_scheduled).where(inbox_scheduled.c.id == bindparam("row_key"))


def of(connection: Connection, user_key: str) -> Sequence[ScheduledMessage]:
    """Return the messages that wait for a person, the earliest first."""
    query = select(inbox_scheduled).where(inbox_scheduled.c.user_key == user_key)
    rows = connection.execute(query.order_by(inbox_scheduled.c.at, inbox_scheduled.c.id))
    return [ScheduledMessage(*row) for row in rows]


def put(connection: Connection, new: ScheduledMessage) -> None:
    """Keep a message for later."""
    connection.execute(inbox_scheduled.insert().values(new._asdict()))


def remove(ids: Sequence[str]) -> Write:
    """Delete messages that were sent, or are not to be."""
    return Write(_remove, [{"row_key": one} for one in ids], is_private=True)

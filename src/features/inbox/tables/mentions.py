"""Notes in which an operator calls a colleague by "@name"."""

from datetime import datetime, timedelta

from sqlalchemy import Column, Connection, Index, Table, Text, func, select, update

from storage.engine.database import UtcTimestamp, metadata
from storage.person_rows import delete_by, delete_rows, move_rows, older_than
from storage.person_table import declare_person_table

#: Time for which mentions are kept: as long as the notes.
KEEP_MENTIONS = timedelta(days=90)

inbox_mention = Table(
    "inbox_mention",
    metadata,
    #: id of the note and of the operator
    Column("id", Text, primary_key=True),
    Column("user_key", Text, nullable=False, index=True),
    #: id of the operator who is called
    Column("operator_id", Text, nullable=False),
    Column("at", UtcTimestamp, nullable=False, index=True),
    Column("seen_at", UtcTimestamp),
)
_is_new = inbox_mention.c.seen_at.is_(None)
Index(
    "ix_inbox_mention_new",
    inbox_mention.c.operator_id,
    postgresql_where=_is_new,
    sqlite_where=_is_new,
)
declare_person_table(
    inbox_mention,
    on_erase=delete_rows,
    on_merge=move_rows,
    on_forget=delete_by(inbox_mention.c.user_key),
    purge=older_than(KEEP_MENTIONS, inbox_mention.c.at),
)


def add(
    connection: Connection, note_id: str, user_key: str, operator_id: str, at: datetime
) -> None:
    """Tell an operator of a note."""
    row = {"id": f"{note_id}:{operator_id}", "user_key": user_key, "at": at}
    connection.execute(inbox_mention.insert().values(operator_id=operator_id, **row))


def see(connection: Connection, user_key: str, operator_id: str, now: datetime) -> None:
    """Note that an operator has seen where they were called."""
    of = inbox_mention.c
    is_theirs = (of.operator_id == operator_id, of.user_key == user_key, of.seen_at.is_(None))
    connection.execute(update(inbox_mention).where(*is_theirs).values(seen_at=now))


def count_new(connection: Connection, operator_id: str) -> int:
    """Return in how many conversations an operator is called and has not looked."""
    of = inbox_mention.c
    query = select(func.count(of.user_key.distinct()))
    is_new = (of.operator_id == operator_id, of.seen_at.is_(None))
    return int(connection.execute(query.where(*is_new)).scalar_one())


def count_all_new(connection: Connection) -> dict[str, int]:
    """Return the same for all operators who are called, by their ids."""
    of = inbox_mention.c
    query = select(of.operator_id, func.count(of.user_key.distinct())).where(of.seen_at.is_(None))
    return dict(connection.execute(query.group_by(of.operator_id)).all())


def is_new(connection: Connection, user_key: str, operator_id: str) -> bool:
    """Return whether an operator is called in a conversation and has not looked."""
    of = inbox_mention.c
    is_it = (of.operator_id == operator_id, of.user_key == user_key, of.seen_at.is_(None))
    return connection.scalar(select(of.id).where(*is_it).limit(1)) is not None

"""Texts of both sides for some weeks, so that it is known what a person quotes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    Column,
    Delete,
    Insert,
    Select,
    Table,
    Text,
    bindparam,
    delete,
    select,
    union_all,
)

from storage.engine.compiled import CompiledStatement, listed
from storage.engine.database import UtcTimestamp, insert_for, metadata
from storage.engine.group_commit import GroupCommit
from storage.engine.lookup import Lookup
from storage.engine.write import Write
from storage.person_rows import delete_by, delete_rows, move_rows, older_than
from storage.person_table import declare_person_table
from storage.tables.deliveries import delivery

#: Longest text that is kept of a message, in characters.
MAX_QUOTED_CHARS = 1000
#: For how long it is kept.
KEEP_QUOTABLE = timedelta(days=30)

quotable = Table(
    "quotable",
    metadata,
    #: Meta's id of a message that a person wrote, the delivery's id of one that was sent
    Column("id", Text, primary_key=True),
    Column("user_key", Text, nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("at", UtcTimestamp, nullable=False, index=True),
)


def _insert(dialect: str) -> Insert:
    names = ("user_key", "text", "at")
    new = insert_for(dialect, quotable).values(
        id=bindparam("row_key"), **{name: bindparam(name) for name in names}
    )
    return new.on_conflict_do_nothing()


#: Before what deletes them in the same transaction: statements run in the order of their names.
_add = CompiledStatement(_insert, name="quotable.add")
_forget_person = delete_by(quotable.c.user_key)
declare_person_table(
    quotable,
    on_erase=delete_rows,
    on_merge=move_rows,
    on_forget=_forget_person,
    purge=older_than(KEEP_QUOTABLE, quotable.c.at),
)


@CompiledStatement
def _forget(dialect: str) -> Delete:
    return delete(quotable).where(quotable.c.id == bindparam("row_key"))


@CompiledStatement
def _quoted(dialect: str) -> Select[tuple[str, str]]:
    """(Meta's id, text): what was sent is kept under the delivery's id."""
    keys = listed(dialect, "keys", Text())
    received = select(quotable.c.id, quotable.c.text).where(quotable.c.id.in_(keys))
    sent = select(delivery.c.wamid, quotable.c.text).where(delivery.c.wamid.in_(keys))
    joined = sent.join_from(delivery, quotable, quotable.c.id == delivery.c.id)
    found = union_all(received, joined).subquery()
    return select(found.c.id, found.c.text)


class Quotable:
    """Finds what a person quotes."""

    def __init__(self, database: GroupCommit) -> None:
        self._database = database

    async def text_of(self, wamid: str) -> str | None:
        """Return the text of a message by Meta's id; None if it is not kept."""
        row = await self._database.submit(Lookup(_quoted, wamid))
        return None if row is None else str(row[1])


def add(message_id: str, *, user_key: str, text: str, at: datetime) -> Write:
    """Keep a text; `message_id` is Meta's id of an inbound message, or a delivery's id."""
    row = {"row_key": message_id, "user_key": user_key, "text": text[:MAX_QUOTED_CHARS], "at": at}
    return Write(_add, [row])


def forget_person(user_key: str) -> Write:
    """Delete all texts of a conversation."""
    return Write(_forget_person, [{"row_key": user_key}], is_private=True)


def forget(message_ids: Sequence[str]) -> Write:
    """Delete texts, say of messages that the person deleted."""
    return Write(_forget, [{"row_key": one} for one in message_ids], is_private=True)

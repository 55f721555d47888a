"""Which operators look at a conversation, and which of them type."""

from datetime import datetime, timedelta

from sqlalchemy import Column, Connection, Table, Text, delete, select

from storage.engine.database import UtcTimestamp, insert, metadata
from storage.person_rows import delete_by, delete_rows, move_rows
from storage.person_table import declare_person_table

#: Time after which somebody whose page says nothing has gone.
GONE_AFTER = timedelta(seconds=25)
#: Time for which somebody types after a key was pressed.
TYPING = timedelta(seconds=8)

#: One row for each operator: the conversation that is open on their page.
inbox_presence = Table(
    "inbox_presence",
    metadata,
    Column("operator_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("user_key", Text, nullable=False, index=True),
    Column("seen_at", UtcTimestamp, nullable=False),
    Column("typed_at", UtcTimestamp),
)
declare_person_table(
    inbox_presence,
    on_erase=delete_rows,
    on_merge=move_rows,
    on_forget=delete_by(inbox_presence.c.user_key),
)


def note(
    connection: Connection,
    operator_id: str,
    name: str,
    user_key: str,
    *,
    now: datetime,
    is_typing: bool,
) -> None:
    """Note which conversation an operator looks at."""
    values = {
        "name": name,
        "user_key": user_key,
        "seen_at": now,
        "typed_at": now if is_typing else None,
    }
    new = insert(connection, inbox_presence).values(operator_id=operator_id, **values)
    of = inbox_presence.c
    connection.execute(new.on_conflict_do_update(index_elements=[of.operator_id], set_=values))


def leave(connection: Connection, operator_id: str) -> None:
    """Note that an operator looks at no conversation."""
    connection.execute(delete(inbox_presence).where(inbox_presence.c.operator_id == operator_id))


def others(
    connection: Connection, operator_id: str, user_key: str, now: datetime
) -> list[tuple[str, bool]]:
    """Return (name, is typing) of the other operators who look at a conversation."""
    of = inbox_presence.c
    is_there = (of.user_key == user_key, of.operator_id != operator_id)
    query = select(of.name, of.typed_at).where(*is_there, of.seen_at > now - GONE_AFTER)
    rows = connection.execute(query.order_by(of.name))
    return [(name, typed is not None and typed > now - TYPING) for name, typed in rows]

"""Tickets: people asked for a human."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Insert, Table, Text, Update, bindparam, select, update

from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp, metadata
from storage.engine.sync_columns import sync_columns
from storage.engine.write import Write
from storage.person_rows import blank, delete_rows, move_counted_rows
from storage.person_table import declare_person_table


@dataclass(frozen=True, slots=True)
class Ticket:
    """A person asked for a human."""

    id: str
    user_key: str
    #: the words that the person wrote
    asked: str | None
    opened_at: datetime
    closed_at: datetime | None


ticket = Table(
    "ticket",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_key", Text, nullable=False, index=True),
    #: the words that the person wrote
    Column("asked", Text),
    Column("opened_at", UtcTimestamp, nullable=False),
    Column("closed_at", UtcTimestamp),
    *sync_columns(),
)
declare_person_table(
    ticket,
    on_erase=delete_rows,
    on_merge=move_counted_rows,
    on_forget=blank(ticket.c.asked),
)


@CompiledStatement
def _open(dialect: str) -> Insert:
    return ticket.insert().values(
        id=bindparam("row_key"),
        user_key=bindparam("user_key"),
        asked=bindparam("asked"),
        opened_at=bindparam("opened_at"),
    )


@CompiledStatement
def _close(dialect: str) -> Update:
    """`row_key` is the key of the person."""
    is_open = (ticket.c.user_key == bindparam("row_key"), ticket.c.closed_at.is_(None))
    closed: dict[str, Any] = {"closed_at": bindparam("closed_at"), "rev": ticket.c.rev + 1}
    return update(ticket).where(*is_open).values(closed)


def open_(ticket_id: str, *, user_key: str, asked: str, at: datetime) -> Write:
    """Add a ticket; `asked` are the words that the person wrote."""
    row = {"row_key": ticket_id, "user_key": user_key, "asked": asked, "opened_at": at}
    return Write(_open, [row])


def close(user_key: str, *, at: datetime) -> Write:
    """Close all open tickets of a person."""
    return Write(_close, [{"row_key": user_key, "closed_at": at}])


def of(connection: Connection, user_key: str) -> Sequence[str]:
    """Return what a person wrote when they asked for a human, the oldest first."""
    theirs = (ticket.c.user_key == user_key, ticket.c.asked != "")
    query = select(ticket.c.asked).where(*theirs).order_by(ticket.c.opened_at)
    return [str(asked) for asked in connection.scalars(query)]

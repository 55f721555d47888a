"""Who asked for a person of ours."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Insert, Table, Text, Update, bindparam, update

from domain.contact import Ticket
from features.airtable.tables.sync_tracking import SyncTable, blanking, sync_columns
from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp, metadata
from storage.engine.write import Write

ticket = Table(
    "ticket",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_key", Text, nullable=False, index=True),
    #: what the person had written
    Column("asked", Text),
    Column("opened_at", UtcTimestamp, nullable=False),
    Column("closed_at", UtcTimestamp),
    *sync_columns(),
)
sync_table = SyncTable(ticket, Ticket, order=ticket.c.opened_at)
_blank = blanking(ticket.c.asked)


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
    """`row_key` is that of the person."""
    is_open = (ticket.c.user_key == bindparam("row_key"), ticket.c.closed_at.is_(None))
    closed: dict[str, Any] = {"closed_at": bindparam("closed_at"), "rev": ticket.c.rev + 1}
    return update(ticket).where(*is_open).values(closed)


def open_(ticket_id: str, *, user_key: str, asked: str, at: datetime) -> Write:
    row = {"row_key": ticket_id, "user_key": user_key, "asked": asked, "opened_at": at}
    return Write(_open, [row])


def close(user_key: str, *, at: datetime) -> Write:
    """All that this person has open."""
    return Write(_close, [{"row_key": user_key, "closed_at": at}])


def forget_words(user_key: str) -> Write:
    """What this person wrote; that they did stays."""
    return Write(_blank, [{"row_key": user_key}])

"""Tickets: people asked for a human."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Insert,
    Table,
    Text,
    Update,
    bindparam,
    func,
    literal,
    null,
    select,
    update,
)

from domain.conversation_status import ConversationStatus
from services.operator_tables import OpenedRecord
from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp, metadata
from storage.engine.sync_columns import sync_columns
from storage.engine.write import Write
from storage.person_rows import blank, delete_rows, move_counted_rows
from storage.person_table import declare_person_table
from storage.tables.users import user

#: Length from which nothing is added to what a person asked, in characters.
MAX_ASKED_CHARS = 2000


@dataclass(frozen=True, slots=True)
class Ticket:
    """A person asked for a human."""

    id: str
    user_key: str
    #: the words that the person wrote
    asked: str | None
    opened_at: datetime
    closed_at: datetime | None
    #: what operators should know: that nobody has answered, say
    problem: str | None = None


ticket = Table(
    "ticket",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_key", Text, nullable=False, index=True),
    #: the words that the person wrote
    Column("asked", Text),
    Column("opened_at", UtcTimestamp, nullable=False),
    Column("closed_at", UtcTimestamp),
    Column("problem", Text),
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
    closed: dict[str, Any] = {
        "closed_at": bindparam("closed_at"),
        "problem": null(),
        "rev": ticket.c.rev + 1,
    }
    return update(ticket).where(*is_open).values(closed)


@CompiledStatement
def _tell(dialect: str) -> Update:
    """`row_key` is the key of the person."""
    problem = bindparam("new_problem", type_=Text)
    is_open = (ticket.c.user_key == bindparam("row_key"), ticket.c.closed_at.is_(None))
    is_news = ticket.c.problem.is_distinct_from(problem)
    told: dict[str, Any] = {"problem": problem, "rev": ticket.c.rev + 1}
    return update(ticket).where(*is_open, is_news).values(told)


@CompiledStatement
def _append(dialect: str) -> Update:
    """`row_key` is the key of the person."""
    asked = func.coalesce(ticket.c.asked, literal(""))
    has_room = func.length(asked) < MAX_ASKED_CHARS
    is_open = (ticket.c.user_key == bindparam("row_key"), ticket.c.closed_at.is_(None), has_room)
    more = bindparam("more", type_=Text)
    longer: dict[str, Any] = {"asked": asked + literal("\n") + more, "rev": ticket.c.rev + 1}
    return update(ticket).where(*is_open).values(longer)


def open_(ticket_id: str, *, user_key: str, asked: str, at: datetime) -> Write:
    """Add a ticket; `asked` are the words that the person wrote."""
    row = {"row_key": ticket_id, "user_key": user_key, "asked": asked, "opened_at": at}
    return Write(_open, [row])


def tell_problem(user_key: str, problem: str | None) -> Write:
    """Show a problem beside the open tickets of a person; None: there is none any more."""
    return Write(_tell, [{"row_key": user_key, "new_problem": problem}])


def append(user_key: str, text: str) -> Write:
    """Add what a person wrote later to their open tickets, as long as there is room."""
    return Write(_append, [{"row_key": user_key, "more": text}])


def people_waiting(connection: Connection) -> int:
    """Return the number of people with an open ticket whom no operator answers yet."""
    whose = ticket.join(user, user.c.key == ticket.c.user_key)
    waits = (ticket.c.closed_at.is_(None), user.c.status == ConversationStatus.NEEDS_HUMAN.value)
    counted = select(func.count(func.distinct(ticket.c.user_key))).select_from(whose).where(*waits)
    return int(connection.execute(counted).scalar_one())


def close(user_key: str, *, at: datetime) -> Write:
    """Close all open tickets of a person."""
    return Write(_close, [{"row_key": user_key, "closed_at": at}])


def of(connection: Connection, user_key: str) -> Sequence[str]:
    """Return what a person wrote when they asked for a human, the oldest first."""
    theirs = (ticket.c.user_key == user_key, ticket.c.asked != "")
    query = select(ticket.c.asked).where(*theirs).order_by(ticket.c.opened_at)
    return [str(asked).strip() for asked in connection.scalars(query)]


def records_of(connection: Connection, user_key: str, *, only_open: bool) -> Sequence[str | None]:
    """Return the records that show the tickets of a person; None: not shown yet."""
    theirs = [ticket.c.user_key == user_key]
    if only_open:
        theirs.append(ticket.c.closed_at.is_(None))
    return list(connection.scalars(select(ticket.c.record_id).where(*theirs)))


def opened_since(connection: Connection, since: datetime) -> Sequence[OpenedRecord]:
    """Return the records of open tickets that were opened since then."""
    of = ticket.c
    is_meant = (of.closed_at.is_(None), of.opened_at > since, of.record_id.is_not(None))
    query = select(of.record_id, of.user_key, of.opened_at).where(*is_meant)
    return [OpenedRecord(*row) for row in connection.execute(query)]

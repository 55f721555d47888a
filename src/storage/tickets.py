"""Who asked for a person, and what Airtable does not know of it yet."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Insert,
    Integer,
    Select,
    Table,
    Text,
    Update,
    bindparam,
    or_,
    select,
    update,
)

from domain.desk import Ticket
from storage.database import Moment, metadata
from storage.desk import desk
from storage.prepared import Prepared, as_list, listed
from storage.write import Write

ticket = Table(
    "ticket",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_key", Text, nullable=False, index=True),
    #: what the person had written
    Column("asked", Text),
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("record_id", Text, index=True),
    Column("rev", Integer, nullable=False, server_default="1"),
    Column("synced_rev", Integer, nullable=False, server_default="0"),
    #: after Airtable refused it
    Column("retry_at", Moment),
)
_TICKET = tuple(field.name for field in fields(Ticket) if field.name != "contact_record")
_COLUMNS = (*(ticket.c[name] for name in _TICKET), desk.c.record_id)
_with_contact = ticket.join(desk, desk.c.key == ticket.c.user_key)


@Prepared
def _open(dialect: str) -> Insert:
    return ticket.insert().values(
        id=bindparam("row_key"),
        user_key=bindparam("user_key"),
        asked=bindparam("asked"),
        opened_at=bindparam("opened_at"),
    )


@Prepared
def _close(dialect: str) -> Update:
    """`row_key` is that of the person."""
    is_open = (ticket.c.user_key == bindparam("row_key"), ticket.c.closed_at.is_(None))
    closed: dict[str, Any] = {"closed_at": bindparam("closed_at"), "rev": ticket.c.rev + 1}
    return update(ticket).where(*is_open).values(closed)


@Prepared
def _synced(dialect: str) -> Update:
    is_it = ticket.c.id == bindparam("row_key")
    known: dict[str, Any] = {
        "synced_rev": bindparam("known_rev"),
        "record_id": bindparam("known_record"),
    }
    return update(ticket).where(is_it).values(known)


@Prepared
def _refused(dialect: str) -> Update:
    is_it = ticket.c.id == bindparam("row_key")
    return update(ticket).where(is_it).values(retry_at=bindparam("next_at"))


@Prepared
def _dirty(dialect: str) -> Select[Any]:
    is_dirty = (ticket.c.rev > ticket.c.synced_rev, desk.c.record_id.is_not(None))
    is_due = or_(
        ticket.c.retry_at.is_(None), ticket.c.retry_at <= bindparam("moment", type_=Moment)
    )
    query = select(*_COLUMNS).select_from(_with_contact).where(*is_dirty, is_due)
    return query.order_by(ticket.c.opened_at).limit(bindparam("most"))


@Prepared
def _by_record(dialect: str) -> Select[Any]:
    is_asked_for = ticket.c.record_id.in_(listed(dialect, "records", Text()))
    return select(*_COLUMNS).select_from(_with_contact).where(is_asked_for)


def dirty(connection: Connection, moment: datetime, *, most: int) -> list[Ticket]:
    """What Airtable should be told, and may be by now: only of people whom it knows."""
    return [Ticket(*row) for row in _dirty.fetch(connection, moment=moment, most=most)]


def by_record(connection: Connection, record_ids: Sequence[str]) -> list[Ticket]:
    return [Ticket(*row) for row in _by_record.fetch(connection, records=as_list(record_ids))]


def records_of(connection: Connection, user_key: str) -> Sequence[str]:
    """Airtable's ids of the tickets of a person."""
    of_person = (ticket.c.user_key == user_key, ticket.c.record_id.is_not(None))
    return list(connection.scalars(select(ticket.c.record_id).where(*of_person)))


def open_(ticket_id: str, *, user_key: str, asked: str, at: datetime) -> Write:
    row = {"row_key": ticket_id, "user_key": user_key, "asked": asked, "opened_at": at}
    return Write(_open, [row])


def close(user_key: str, *, at: datetime) -> Write:
    """All that this person has open."""
    return Write(_close, [{"row_key": user_key, "closed_at": at}])


def synced(one: Ticket, record_id: str) -> Write:
    """Airtable took the ticket as it was."""
    known = {"row_key": one.id, "known_rev": one.rev, "known_record": record_id}
    return Write(_synced, [known])


def refused(one: Ticket, *, next_at: datetime) -> Write:
    """Airtable did not take the ticket; try again at `next_at`."""
    return Write(_refused, [{"row_key": one.id, "next_at": next_at}])

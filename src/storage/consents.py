"""Who agreed to what, and took it back: rows are added and never changed."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Insert,
    Select,
    Table,
    Text,
    Update,
    bindparam,
    or_,
    select,
    update,
)

from domain.desk import ConsentEvent
from storage.database import Moment, metadata
from storage.desk import desk
from storage.prepared import Prepared
from storage.write import Write

consent = Table(
    "consent",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_key", Text, nullable=False, index=True),
    Column("event", Text, nullable=False),
    #: the version of the privacy text that was shown, or the words that were written
    Column("detail", Text),
    Column("at", Moment, nullable=False),
    Column("record_id", Text),
    #: after Airtable refused it
    Column("retry_at", Moment),
)
_CONSENT = tuple(field.name for field in fields(ConsentEvent) if field.name != "contact_record")
_COLUMNS = (*(consent.c[name] for name in _CONSENT), desk.c.record_id)
_with_contact = consent.join(desk, desk.c.key == consent.c.user_key)


@Prepared
def _add(dialect: str) -> Insert:
    names = ("user_key", "event", "detail", "at")
    given: dict[str, Any] = {name: bindparam(name) for name in names}
    return consent.insert().values(id=bindparam("row_key"), **given)


@Prepared
def _synced(dialect: str) -> Update:
    is_it = consent.c.id == bindparam("row_key")
    return update(consent).where(is_it).values(record_id=bindparam("known_record"))


@Prepared
def _refused(dialect: str) -> Update:
    is_it = consent.c.id == bindparam("row_key")
    return update(consent).where(is_it).values(retry_at=bindparam("next_at"))


@Prepared
def _untold(dialect: str) -> Select[Any]:
    is_new = (consent.c.record_id.is_(None), desk.c.record_id.is_not(None))
    is_due = or_(
        consent.c.retry_at.is_(None), consent.c.retry_at <= bindparam("moment", type_=Moment)
    )
    query = select(*_COLUMNS).select_from(_with_contact).where(*is_new, is_due)
    return query.order_by(consent.c.at).limit(bindparam("most"))


def untold(connection: Connection, moment: datetime, *, most: int) -> list[ConsentEvent]:
    """What Airtable should be told, and may be by now: only of people whom it knows."""
    return [ConsentEvent(*row) for row in _untold.fetch(connection, moment=moment, most=most)]


def records_of(connection: Connection, user_key: str) -> Sequence[str]:
    """Airtable's ids of the events of a person."""
    of_person = (consent.c.user_key == user_key, consent.c.record_id.is_not(None))
    return list(connection.scalars(select(consent.c.record_id).where(*of_person)))


def add(event_id: str, *, user_key: str, event: str, detail: str | None, at: datetime) -> Write:
    row = {"row_key": event_id, "user_key": user_key, "event": event, "detail": detail, "at": at}
    return Write(_add, [row])


def synced(one: ConsentEvent, record_id: str) -> Write:
    """Airtable took the event."""
    return Write(_synced, [{"row_key": one.id, "known_record": record_id}])


def refused(one: ConsentEvent, *, next_at: datetime) -> Write:
    """Airtable did not take the event; try again at `next_at`."""
    return Write(_refused, [{"row_key": one.id, "next_at": next_at}])

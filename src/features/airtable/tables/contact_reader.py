"""Reading contacts together with their people."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Text, bindparam, func, select

from features.airtable.tables.contacts import Contact, desk
from storage.engine.compiled import CompiledStatement, as_list, listed
from storage.engine.database import UtcTimestamp
from storage.tables.users import USER_COLUMNS, user, user_of

_DESK = tuple(field.name for field in fields(Contact) if field.name != "user")
#: Columns of a `Contact`, for `contact_of`.
COLUMNS = (*USER_COLUMNS, *(desk.c[name] for name in _DESK))
contacts_of_users = desk.join(user, user.c.key == desk.c.key)


@CompiledStatement
def _to_erase(dialect: str) -> Select[Any]:
    is_due = desk.c.erase_at <= bindparam("moment", type_=UtcTimestamp)
    return select(*COLUMNS).select_from(contacts_of_users).where(is_due)


@CompiledStatement
def _page(dialect: str) -> Select[Any]:
    query = select(*COLUMNS).select_from(contacts_of_users).where(desk.c.key > bindparam("after"))
    query = query.where(user.c.merged_into.is_(None))
    return query.order_by(desk.c.key).limit(bindparam("most"))


@CompiledStatement
def _by_record(dialect: str) -> Select[Any]:
    is_asked_for = desk.c.record_id.in_(listed(dialect, "records", Text()))
    return select(*COLUMNS).select_from(contacts_of_users).where(is_asked_for)


def by_record(connection: Connection, record_ids: Sequence[str]) -> list[Contact]:
    """Return the contacts of these records of Airtable."""
    return [contact_of(row) for row in _by_record.fetch(connection, records=as_list(record_ids))]


def by_keys(connection: Connection, keys: Sequence[str]) -> list[Contact]:
    """Return the contacts of these people."""
    query = select(*COLUMNS).select_from(contacts_of_users).where(desk.c.key.in_(keys))
    return [contact_of(row) for row in connection.execute(query)]


def page(connection: Connection, *, after: str, most: int) -> list[Contact]:
    """Return up to `most` contacts in the order of their keys, after the row of a key."""
    return [contact_of(row) for row in _page.fetch(connection, after=after, most=most)]


def to_erase(connection: Connection, moment: datetime) -> list[Contact]:
    """Return the contacts whose people are to be erased by now."""
    return [contact_of(row) for row in _to_erase.fetch(connection, moment=moment)]


def count_to_erase(connection: Connection) -> int:
    """Return the number of contacts whose people are to be erased."""
    query = select(func.count()).select_from(desk).where(desk.c.erase_at.is_not(None))
    return connection.scalar(query) or 0


def records_of(connection: Connection, keys: Sequence[str]) -> list[str]:
    """Return Airtable's ids of the records of these people."""
    is_told = (desk.c.key.in_(keys), desk.c.record_id.is_not(None))
    return list(connection.scalars(select(desk.c.record_id).where(*is_told)))


def contact_of(values: Sequence[Any]) -> Contact:
    """Return the contact with these values of `COLUMNS`."""
    place = len(USER_COLUMNS)
    return Contact(user_of(values[:place]), *values[place:])

"""Phone numbers beside that of the settings."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import (
    Column,
    Connection,
    Double,
    RowMapping,
    Table,
    Text,
    delete,
    select,
)

from storage.engine.database import UtcTimestamp, insert, metadata

phone_number = Table(
    "phone_number",
    metadata,
    #: Meta's id of the number
    Column("id", Text, primary_key=True),
    #: the business that answers; empty: that of the settings
    Column("tenant", Text, nullable=False),
    #: Meta's app whose webhooks bring its messages; empty: that of the settings
    Column("app", Text, nullable=False),
    #: business account at Meta; empty: that of the settings
    Column("account_id", Text, nullable=False),
    #: digits, as people see it; empty if unknown
    Column("display", Text, nullable=False),
    Column("label", Text, nullable=False),
    #: access token, encrypted; None: that of the settings
    Column("token", Text),
    Column("messages_per_second", Double),
    Column("added_at", UtcTimestamp, nullable=False),
)


class StoredNumber(NamedTuple):
    """A number as it is stored."""

    id: str
    tenant: str = ""
    app: str = ""
    account_id: str = ""
    display: str = ""
    label: str = ""
    token: str | None = None
    messages_per_second: float | None = None


def stored_numbers(connection: Connection) -> Sequence[StoredNumber]:
    """Return all numbers, in the order in which they were added."""
    of = phone_number.c
    columns = (of[name] for name in StoredNumber._fields)
    found = connection.execute(select(*columns).order_by(of.added_at, of.id)).mappings()
    return [_stored(row) for row in found]


def put_number(connection: Connection, number: StoredNumber, now: object) -> None:
    """Add a number, or replace what is known of it."""
    values = number._asdict()
    new = insert(connection, phone_number).values(**values, added_at=now)
    del values["id"]
    connection.execute(new.on_conflict_do_update(index_elements=["id"], set_=values))


def remove_number(connection: Connection, phone_number_id: str) -> bool:
    """Remove a number; False if there was none of this id."""
    is_it = phone_number.c.id == phone_number_id
    return connection.execute(delete(phone_number).where(is_it)).rowcount > 0


def _stored(row: RowMapping) -> StoredNumber:
    return StoredNumber(**row)

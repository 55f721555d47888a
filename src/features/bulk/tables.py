"""Who sends to many people at the moment, whom the business wrote to first, and what is paused."""

from datetime import timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from storage.engine.database import UtcTimestamp, metadata
from storage.person_rows import delete_rows, move_single_row, older_than
from storage.person_table import declare_person_table

#: Who releases messages of a number at the moment: each of them gets the same part of its speed.
share = Table(
    "bulk_share",
    metadata,
    #: number and name, such as "15550001111 notify:shop"
    Column("key", Text, primary_key=True),
    Column("number", Text, nullable=False),
    Column("busy_until", UtcTimestamp, nullable=False),
)

#: Most people whom a business may write to first within a day: all numbers of a portfolio share it.
limit = Table(
    "bulk_limit",
    metadata,
    Column("portfolio", Text, primary_key=True),
    #: None: as many as it likes
    Column("people", Integer),
    Column("read_at", UtcTimestamp, nullable=False),
)

contact = Table(
    "bulk_contact",
    metadata,
    Column("user_key", Text, primary_key=True),
    Column("portfolio", Text, nullable=False),
    #: when they were written to last while their window was closed
    Column("reached_at", UtcTimestamp),
    #: when they got marketing last, and of which broadcast or notification
    Column("marketed_at", UtcTimestamp),
    Column("marketed_by", Text),
    #: when any of these changed last
    Column("noted_at", UtcTimestamp, nullable=False, index=True),
)
Index("ix_bulk_contact_reached", contact.c.portfolio, contact.c.reached_at)

pause = Table(
    "bulk_pause",
    metadata,
    #: "batch:bat_…" or "template:order_update:en"
    Column("key", Text, primary_key=True),
    #: for operators
    Column("reason", Text, nullable=False),
    Column("paused_at", UtcTimestamp, nullable=False),
    #: failures before it count no longer
    Column("resumed_at", UtcTimestamp),
)

#: What statistics group messages by: each message names a row.
label = Table(
    "delivery_label",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("tenant", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("template", Text),
    Column("language", Text),
    Column("category", Text),
)

#: How many messages of a label are counted as something, by the hour in which they were accepted.
#: Triggers of `delivery` keep it (`0041_counts_of_messages`), in the commit of each change.
count = Table(
    "delivery_count",
    metadata,
    Column("label", BigInteger, nullable=False),
    #: hours since 1970, in UTC
    Column("hour", Integer, nullable=False),
    #: what they are counted as, such as "delivered:::regular" and "to_delivered:3"
    Column("name", Text, nullable=False),
    #: the connection of PostgreSQL that counted: no two of them wait for each other
    Column("writer", Integer, nullable=False),
    #: may be negative: added to what the day has already
    Column("number", Integer, nullable=False),
    PrimaryKeyConstraint("label", "hour", "name", "writer"),
    sqlite_with_rowid=False,
)

#: Counters of hours that are over, put together.
day = Table(
    "delivery_day",
    metadata,
    Column("label", BigInteger, nullable=False),
    #: days since 1970, in UTC
    Column("day", Integer, nullable=False),
    #: JSON: numbers by name
    Column("whole", Text, nullable=False),
    #: JSON: the same by hour, counted from 1970 on
    Column("hours", Text, nullable=False),
    PrimaryKeyConstraint("label", "day"),
)

#: Time after which it no longer matters whom the business wrote to.
KEEP_CONTACTS = timedelta(days=2)


declare_person_table(
    contact,
    on_erase=delete_rows,
    on_merge=move_single_row,
    on_forget=None,
    purge=older_than(KEEP_CONTACTS, contact.c.noted_at),
)

"""Operators, and the secrets by which browsers are known to be theirs."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Column, Table, Text

from storage.engine.database import UtcTimestamp, metadata
from storage.person_rows import delete_rows, move_rows, older_than
from storage.person_table import declare_person_table

#: Time for which an operator counts as there after their page last said so.
HERE = timedelta(seconds=75)
#: Time for which it is kept what operators did.
KEEP_AUDIT = timedelta(days=365)


class OperatorRow(NamedTuple):
    """An operator as they are stored, column by column."""

    id: str
    #: unique among those who are not revoked
    name: str
    role: str
    created_at: datetime
    revoked_at: datetime | None
    #: when a page of theirs was open last
    seen_at: datetime | None
    #: since when they want no conversations
    away_at: datetime | None


inbox_operator = Table(
    "inbox_operator",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    #: "agent", "supervisor" or "admin"
    Column("role", Text, nullable=False),
    Column("created_at", UtcTimestamp, nullable=False),
    Column("revoked_at", UtcTimestamp),
    Column("seen_at", UtcTimestamp),
    Column("away_at", UtcTimestamp),
)

inbox_session = Table(
    "inbox_session",
    metadata,
    #: SHA-256 of the secret, which is stored nowhere
    Column("hash", Text, primary_key=True),
    Column("operator_id", Text, nullable=False, index=True),
    #: "link", which opens one session, or "session"
    Column("kind", Text, nullable=False),
    Column("created_at", UtcTimestamp, nullable=False),
    Column("expires_at", UtcTimestamp, nullable=False, index=True),
)

#: What operators did, for supervisors to read; it holds no words of people.
inbox_audit = Table(
    "inbox_audit",
    metadata,
    Column("id", Text, primary_key=True),
    Column("operator", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("user_key", Text, nullable=False, index=True),
    Column("at", UtcTimestamp, nullable=False, index=True),
)
declare_person_table(
    inbox_audit,
    on_erase=delete_rows,
    on_merge=move_rows,
    on_forget=None,  # it tells what operators did, and nothing that the person said
    purge=older_than(KEEP_AUDIT, inbox_audit.c.at),
)

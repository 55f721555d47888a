"""Who agreed to what, and took it back: rows are added, and what they say is never changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Insert, Table, Text, bindparam

from domain.contact import ConsentEvent
from features.airtable.tables.sync_tracking import SyncTable, sync_columns
from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp, metadata
from storage.engine.write import Write

consent = Table(
    "consent",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_key", Text, nullable=False, index=True),
    Column("event", Text, nullable=False),
    #: the version of the privacy text that was shown, or the words that were written
    Column("detail", Text),
    Column("at", UtcTimestamp, nullable=False),
    *sync_columns(),
)
sync_table = SyncTable(consent, ConsentEvent, order=consent.c.at)


@CompiledStatement
def _add(dialect: str) -> Insert:
    names = ("user_key", "event", "detail", "at")
    given: dict[str, Any] = {name: bindparam(name) for name in names}
    return consent.insert().values(id=bindparam("row_key"), **given)


def add(event_id: str, *, user_key: str, event: str, detail: str | None, at: datetime) -> Write:
    row = {"row_key": event_id, "user_key": user_key, "event": event, "detail": detail, "at": at}
    return Write(_add, [row])

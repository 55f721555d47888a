"""Log of consents that people gave and took back: rows are added and never changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Insert, Table, Text, bindparam

from storage.engine.compiled import CompiledStatement
from storage.engine.database import UtcTimestamp, metadata
from storage.engine.sync_columns import sync_columns
from storage.engine.write import Write
from storage.person_rows import delete_rows, move_counted_rows
from storage.person_table import declare_person_table

#: Kinds of events: consent to keep data, to send offers, and to write to the person at all.
CONSENT_EVENTS = (
    "agreed",
    "withdrew",
    "agreed to marketing",
    "no more marketing",
    "opted out",
    "opted in",
)

consent = Table(
    "consent",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_key", Text, nullable=False, index=True),
    Column("event", Text, nullable=False),
    #: the version of the privacy text that was shown, or the words that the person wrote
    Column("detail", Text),
    Column("at", UtcTimestamp, nullable=False),
    *sync_columns(),
)
declare_person_table(
    consent,
    on_erase=delete_rows,
    on_merge=move_counted_rows,
    on_forget=None,  # it proves what was agreed to, and when that ended
)


@CompiledStatement
def _add(dialect: str) -> Insert:
    names = ("user_key", "event", "detail", "at")
    given: dict[str, Any] = {name: bindparam(name) for name in names}
    return consent.insert().values(id=bindparam("row_key"), **given)


def add(event_id: str, *, user_key: str, event: str, detail: str | None, at: datetime) -> Write:
    """Add an event; `event` is one of CONSENT_EVENTS."""
    row = {"row_key": event_id, "user_key": user_key, "event": event, "detail": detail, "at": at}
    return Write(_add, [row])

"""Changes of what is known of people: by themselves and by operators, with both values."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, Insert, Table, Text, bindparam, func, select

from storage.engine.compiled import CompiledStatement
from storage.engine.database import RowId, UtcTimestamp, metadata
from storage.engine.json_column import encoded
from storage.engine.write import Write
from storage.person_rows import delete_by, delete_rows, move_rows, older_than
from storage.person_table import declare_person_table

PERSON, OPERATORS, OUTDATED = "person", "operators", "operators, too late"
#: Time for which a change is kept.
KEEP = timedelta(days=365)

change_log = Table(
    "change_log",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("user_key", Text, nullable=False, index=True),
    #: "contact", or the record: "bookings 12"
    Column("subject", Text, nullable=False),
    #: name of the column in Airtable
    Column("field", Text, nullable=False),
    #: both values, as JSON
    Column("before", Text),
    Column("after", Text),
    Column("changed_by", Text, nullable=False),
    Column("at", UtcTimestamp, nullable=False, index=True),
)
declare_person_table(
    change_log,
    on_erase=delete_rows,
    on_merge=move_rows,
    on_forget=delete_by(change_log.c.user_key),
    purge=older_than(KEEP, change_log.c.at),
)


@CompiledStatement
def _add(dialect: str) -> Insert:
    names = ("subject", "field", "before", "after", "changed_by", "at")
    return change_log.insert().values(
        user_key=bindparam("row_key"), **{name: bindparam(name) for name in names}
    )


def add(
    user_key: str,
    *,
    subject: str,
    field: str,
    before: Any,
    after: Any,
    changed_by: str,
    at: datetime,
) -> Write:
    """Note one change."""
    row = {"row_key": user_key, "subject": subject, "field": field, "changed_by": changed_by}
    return Write(_add, [{**row, "before": encoded(before), "after": encoded(after), "at": at}])


def last_own_changes(connection: Connection, user_keys: Sequence[str]) -> dict[Any, datetime]:
    """Return when people changed fields of theirs last, by (key, subject, field)."""
    of = change_log.c
    query = select(of.user_key, of.subject, of.field, func.max(of.at))
    query = query.where(of.changed_by == PERSON, of.user_key.in_(user_keys))
    grouped = query.group_by(of.user_key, of.subject, of.field)
    return {(key, subject, field): at for key, subject, field, at in connection.execute(grouped)}

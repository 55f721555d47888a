"""Reads the records that flows saved of one person."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from storage.tables.records import record
from storage.tables.users import user

#: Most records that a person is shown, the latest first.
MAX_RECORDS = 20


@dataclass(frozen=True, slots=True)
class SavedRecord:
    """What a person filled in, under the name of its collection."""

    collection: str
    fields: Mapping[str, Any]
    created_at: datetime


def records_of(connection: Connection, user_key: str) -> Sequence[SavedRecord]:
    """Return the latest records of a person, also those from before two rows were merged.

    What the person had deleted is empty, and only waits for the other system to delete its copy.
    """
    former = select(user.c.key).where(user.c.merged_into == user_key)
    theirs = or_(record.c.user_key == user_key, record.c.user_key.in_(former))
    query = select(record.c.collection, record.c.fields, record.c.created_at)
    query = query.where(theirs, record.c.is_forgotten.is_(False))
    rows = connection.execute(query.order_by(record.c.id.desc()).limit(MAX_RECORDS))
    found = (SavedRecord(name, json.loads(fields), at) for name, fields, at in rows)
    return [one for one in found if one.fields]  # those of people who deleted their data are empty

"""Reads the records that flows saved of one person."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, or_, select

from storage.tables.consents import consent
from storage.tables.records import record
from storage.tables.users import user

#: Most records, and most decisions, that a person is shown, the latest first.
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
    theirs = _of_person(record.c.user_key, user_key)
    query = select(record.c.collection, record.c.fields, record.c.created_at)
    query = query.where(theirs, record.c.is_forgotten.is_(False))
    rows = connection.execute(query.order_by(record.c.id.desc()).limit(MAX_RECORDS))
    found = (SavedRecord(name, json.loads(fields), at) for name, fields, at in rows)
    return [one for one in found if one.fields]  # those of people who deleted their data are empty


def decisions_of(connection: Connection, user_key: str) -> Sequence[tuple[str, datetime]]:
    """Return what a person agreed to or took back, and when: the latest, the oldest first."""
    query = select(consent.c.event, consent.c.at).where(_of_person(consent.c.user_key, user_key))
    rows = connection.execute(query.order_by(consent.c.at.desc()).limit(MAX_RECORDS))
    return [(event, at) for event, at in rows][::-1]


def _of_person(column: Column[str], user_key: str) -> ColumnElement[bool]:
    """Whether a row is of a person, also from before two rows of `users` were merged."""
    former = select(user.c.key).where(user.c.merged_into == user_key)
    return or_(column == user_key, column.in_(former))

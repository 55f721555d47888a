"""Endpoints that are told what happens, and events that wait to be told."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Boolean, Column, Integer, Table, Text

from storage.engine.database import UtcTimestamp, metadata
from storage.person_rows import delete_by, delete_rows, move_rows, older_than
from storage.person_table import declare_person_table

#: Time for which an event is kept: a dead letter can be retried until then.
KEEP_EVENTS = timedelta(days=8)


class EndpointState(StrEnum):
    """Whether an endpoint is told."""

    ON = "on"
    #: It failed too often: what is for it waits until somebody resumes it.
    PAUSED = "paused"
    #: It answered 410: what is for it is dropped.
    OFF = "off"


callback_endpoint = Table(
    "callback_endpoint",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("url", Text, nullable=False),
    #: types of events, separated by spaces; "*" for all
    Column("types", Text, nullable=False),
    #: whether it gets phone numbers, names, and what people wrote
    Column("is_private", Boolean, nullable=False),
    Column("secret", Text, nullable=False),
    #: the secret before, which signs as well for a while
    Column("old_secret", Text),
    Column("old_secret_until", UtcTimestamp),
    Column("state", Text, nullable=False),
    #: why it is not told, or what went wrong last
    Column("problem", Text),
    #: failed attempts in a row
    Column("failures", Integer, nullable=False),
    Column("created_at", UtcTimestamp, nullable=False),
    #: when an attempt succeeded last, to the hour
    Column("reached_at", UtcTimestamp),
)


class Endpoint(NamedTuple):
    """A row of `callback_endpoint`, column by column."""

    id: str
    tenant: str
    url: str
    types: str
    is_private: bool
    secret: str
    old_secret: str | None
    old_secret_until: datetime | None
    state: str
    problem: str | None
    failures: int
    created_at: datetime
    reached_at: datetime | None

    def wants(self, event_type: str) -> bool:
        """Return whether it is told of events of this type."""
        is_meant = self.types == "*" or event_type in self.types.split(" ")
        return is_meant and self.state != EndpointState.OFF

    def secrets_at(self, now: datetime) -> list[str]:
        """Return the secrets that sign now, the newest first."""
        until = self.old_secret_until
        is_old_valid = self.old_secret is not None and until is not None and until > now
        return [self.secret, *([self.old_secret] if is_old_valid and self.old_secret else [])]


callback_event = Table(
    "callback_event",
    metadata,
    Column("id", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("user_key", Text, index=True),
    Column("at", UtcTimestamp, nullable=False),
    #: JSON object: what anybody may know
    Column("data", Text, nullable=False),
    #: JSON object: phone numbers, names, and what people wrote
    Column("private", Text, nullable=False),
    Column("created_at", UtcTimestamp, nullable=False, index=True),
)


class StoredEvent(NamedTuple):
    """A row of `callback_event`, column by column."""

    id: str
    type: str
    user_key: str | None
    at: datetime
    data: str
    private: str
    created_at: datetime


declare_person_table(
    callback_event,
    on_erase=delete_rows,
    on_merge=move_rows,
    on_forget=delete_by(callback_event.c.user_key),
    purge=older_than(KEEP_EVENTS, callback_event.c.created_at),
)

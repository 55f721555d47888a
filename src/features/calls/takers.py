"""Whether any process takes calls: each one notes now and then that its engine runs."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from storage.tables import key_value

#: Name under which the last note is stored, in seconds since 1970.
STORED_AS = "calls:taken_at"
#: Age of the last note from which no process takes calls; they are made more often (`serving`).
GONE_AFTER = timedelta(seconds=60)
NOBODY = "calls are on, and no process takes them"
START_ONE = "Start a process with ROLE=calls, worker or all, and the packages of calls."


def note(connection: Connection, now: datetime) -> None:
    """Note that a process takes calls."""
    key_value.put(connection, STORED_AS, now.timestamp())


def last_note(connection: Connection) -> datetime | None:
    """Return when a process that takes calls was seen last; None if there never was one."""
    found = key_value.get(connection, STORED_AS)
    return None if found is None else datetime.fromtimestamp(found, UTC)


def are_there(connection: Connection, now: datetime) -> bool:
    """Return whether a process took calls just now."""
    seen_at = last_note(connection)
    return seen_at is not None and now - seen_at < GONE_AFTER

"""Whether an operator could take a call now: their inbox is open, and they are not away."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from storage.tables import key_value

#: Time for which an operator counts as there after their page last asked for the calls. Browsers
#: let pages in the background ask once a minute.
HERE = timedelta(seconds=75)
#: Time between two notes of it.
NOTED_EVERY = timedelta(seconds=10)
#: Name under which it is stored.
STORED_AS = "operator_calls:seen_at"


def note(connection: Connection, now: datetime) -> None:
    """Note that an operator is there."""
    seen_at = key_value.get(connection, STORED_AS)
    if seen_at is None or now.timestamp() - seen_at >= NOTED_EVERY.total_seconds():
        key_value.put(connection, STORED_AS, now.timestamp())


def are_there(connection: Connection, now: datetime) -> bool:
    """Return whether one was there just now."""
    seen_at = key_value.get(connection, STORED_AS)
    return seen_at is not None and now.timestamp() - seen_at < HERE.total_seconds()

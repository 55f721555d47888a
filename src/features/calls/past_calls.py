"""Calls that there were, as commands, operators and the assistant ask for them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from features.calls.states import CallState
from features.calls.tables import CallRow, row_of, voice_call

_of = voice_call.c


def of_person(
    connection: Connection, user_key: str, since: datetime, *, most: int
) -> list[CallRow]:
    """Return the last calls of a person that have ended, the newest first."""
    query = select(voice_call).where(
        _of.user_key == user_key, _of.offered_at >= since, _of.state == CallState.ENDED.value
    )
    found = connection.execute(query.order_by(_of.offered_at.desc()).limit(most))
    return [row_of(row) for row in found]


def newest(connection: Connection, *, most: int) -> Sequence[CallRow]:
    """Return the last calls of all people, the newest first."""
    query = select(voice_call).order_by(_of.offered_at.desc(), _of.id).limit(most)
    return [row_of(row) for row in connection.execute(query)]


def newest_since(connection: Connection, since: datetime) -> CallRow | None:
    """Return the last call that began after a moment, and that people made; None if none did."""
    query = select(voice_call).where(_of.offered_at > since, _of.is_outgoing.is_(False))
    row = connection.execute(query.order_by(_of.offered_at.desc()).limit(1)).first()
    return None if row is None else row_of(row)

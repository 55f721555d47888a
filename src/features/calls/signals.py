"""What Meta reports about our calls, on its way to the process that has the call.

Any process may get the webhook. One that does not have the call leaves it here, and the other one
takes it away within a third of a second.
"""

from datetime import datetime

from sqlalchemy import Connection, delete, exists, select

from features.calls.engine_port import MetaAnswer, MetaStatus
from features.calls.tables import voice_call, voice_signal

Signal = MetaAnswer | MetaStatus

_of = voice_signal.c


def put(connection: Connection, call: str, user_key: str, signal: Signal, at: datetime) -> None:
    """Leave a signal for the process that has a call; a second one of its kind changes nothing."""
    status = signal.status if isinstance(signal, MetaStatus) else None
    row = f"{call}:{status or 'answer'}"
    if connection.scalar(select(_of.id).where(_of.id == row)) is None:
        sdp = signal.sdp if isinstance(signal, MetaAnswer) else None
        values = {"call_id": call, "user_key": user_key, "status": status, "sdp": sdp, "at": at}
        connection.execute(voice_signal.insert().values(id=row, **values))


def has_any(connection: Connection, call: str) -> bool:
    """Return whether a signal waits for a call."""
    return connection.scalar(select(_of.id).where(_of.call_id == call).limit(1)) is not None


def has_status(connection: Connection, call: str, status: str) -> bool:
    """Return whether a status waits for a call."""
    query = select(_of.id).where(_of.call_id == call, _of.status == status)
    return connection.scalar(query.limit(1)) is not None


def take(connection: Connection, call: str) -> list[Signal]:
    """Remove the signals of a call, and return them: the answer first."""
    query = select(_of.status, _of.sdp).where(_of.call_id == call).order_by(_of.at, _of.id)
    found = [
        MetaAnswer(sdp or "") if status is None else MetaStatus(status)
        for status, sdp in connection.execute(query)
    ]
    connection.execute(delete(voice_signal).where(_of.call_id == call))
    return sorted(found, key=lambda one: isinstance(one, MetaStatus))


def unnamed(connection: Connection, user_key: str, since: datetime) -> str | None:
    """Return the id of a call to a person that was answered since then, and that has no row."""
    has_row = exists().where(voice_call.c.id == _of.call_id)
    query = select(_of.call_id).where(
        _of.user_key == user_key, _of.sdp.is_not(None), _of.at >= since, ~has_row
    )
    return connection.scalar(query.limit(1))

"""Rows of calls of ours, from dialling to the first word."""

from datetime import UTC, datetime

from sqlalchemy import Connection, delete

from features.calls import rows
from features.calls.meta_ends import REJECTED
from features.calls.rules import Limits
from features.calls.states import CallState, End
from features.calls.tables import CallRow, voice_call

#: What the ids of calls of ours begin with, until Meta has named them.
OWN_ID = "own:"

_of = voice_call.c


def dial(connection: Connection, now: float, new: rows.Offered, limits: Limits) -> bool:
    """Write the row of a call of ours, under an id of our own until Meta names it.

    Return whether it may be made: the person has no other call, and a line is free.
    """
    at = datetime.fromtimestamp(now, UTC)
    counts = rows.counts(connection, new, at)
    if counts.live_of_person or counts.live >= limits.at_once:
        return False
    values = {
        "is_outgoing": True,
        "state": CallState.RINGING.value,
        "owner": new.owner,
        "alive_at": at,
        "language": new.language,
        "payload": new.payload,
        "chosen": "",
    }
    rows.insert(connection, new.id, new.phone_number_id, new.user_key, new.offered_at, values)
    return True


def rename(connection: Connection, own_id: str, call: str) -> CallRow | None:
    """Give the row of a call of ours the id that Meta gave the call. Return it.

    Where Meta told its end first, the row of that end is kept. None if there is no row: the person
    deleted their data meanwhile.
    """
    if (known := rows.find(connection, call)) is not None:
        connection.execute(delete(voice_call).where(_of.id == own_id))
        return known
    rows.change(connection, own_id, {"id": call})
    return rows.find(connection, call)


def is_being_dialled(
    connection: Connection, phone_number_id: str, user_key: str, at: datetime
) -> bool:
    """Return whether a process that lives calls a person, and does not know Meta's id yet."""
    waits = (rows.is_live, _of.id.startswith(OWN_ID), _of.alive_at >= at - rows.GONE_AFTER)
    pair = (_of.phone_number_id == phone_number_id, _of.user_key == user_key)
    return rows.count(connection, *waits, *pair) > 0


def note_status(connection: Connection, call: str, status: str) -> None:
    """Note what Meta says of a call of ours: a person who declined has answered."""
    row = rows.find(connection, call)
    if row is None or status != REJECTED:
        return
    is_told = row.reason is End.NO_ANSWER
    rows.change(connection, call, {"meta_status": status})
    if is_told:
        rows.change(connection, call, {"outcome": End.DECLINED.value})

"""Changes of the rows of calls. `ended` is final: whichever event comes first decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update

from features.calls.job_specs import TerminateJob
from features.calls.meta_ends import end_of, rejection_of
from features.calls.rules import CallCounts, CallFacts, Limits, may_wait, turned_away
from features.calls.states import CallState, End
from features.calls.tables import CallRow, row_of, voice_call

HOUR = timedelta(hours=1)
#: Age from which the process of a call counts as gone.
GONE_AFTER = timedelta(seconds=15)
#: The time of a state, by its column.
TIMES = {
    CallState.PRE_ACCEPTED: "pre_accepted_at",
    CallState.CONNECTED: "connected_at",
    CallState.TALKING: "accepted_at",
}

_of = voice_call.c
#: Calls that go on.
is_live = _of.state != CallState.ENDED.value


@dataclass(frozen=True, slots=True)
class Offered:
    """A call that begins: of a person, or of ours."""

    id: str
    phone_number_id: str
    user_key: str
    language: str
    payload: str | None
    offered_at: datetime
    #: The process that has the audio.
    owner: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """The row of an offer. `is_ours` says that this process is to answer it."""

    row: CallRow
    is_ours: bool


def claim(
    connection: Connection, now: float, new: Offered, facts: CallFacts, limits: Limits
) -> Claimed | None:
    """Write the row of an offer: it is answered, or has ended by one of the rules.

    A row that is there already stays: the offer came twice, or after the end of the call. None if
    there is no line yet (`may_wait`).
    """
    if (known := find(connection, new.id)) is not None:
        return Claimed(known, is_ours=False)
    at = datetime.fromtimestamp(now, UTC)
    others = counts(connection, new, at)
    end = turned_away(facts, others, limits)
    if end is End.BUSY and may_wait(facts, others, limits):
        return None
    state = CallState.ENDED if end is not None else CallState.PREPARING
    values = {
        "is_outgoing": False,
        "state": state.value,
        "outcome": end and end.value,
        "owner": new.owner,
        "alive_at": at,
        "language": new.language,
        "payload": new.payload,
        "chosen": "",
        "ended_at": at if end is not None else None,
    }
    insert(connection, new.id, new.phone_number_id, new.user_key, new.offered_at, values)
    return Claimed(_required(connection, new.id), is_ours=end is None)


def finish(
    connection: Connection, now: float, told: TerminateJob, phone_number_id: str, user_key: str
) -> CallRow:
    """Write what Meta says of the end of a call. Return the row, which has ended."""
    at = datetime.fromtimestamp(now, UTC)
    of_meta = {
        "meta_status": told.status or None,
        "meta_started_at": _time(told.started_at),
        "meta_ended_at": _time(told.ended_at),
        "duration": told.duration,
        "error": told.error,
    }
    row = find(connection, told.call)
    if row is None:
        came = _time(told.at) or at
        values = {
            "is_outgoing": told.is_outgoing,
            "chosen": "",
            **of_meta,
            **_over(at, end_of(told, None, rejection_of(connection, told.call))),
        }
        insert(connection, told.call, phone_number_id, user_key, min(came, at), values)
    else:
        ours = row.reason or end_of(told, row, row.meta_status)
        more = {} if row.is_over else _over(at, ours)
        change(connection, told.call, {**of_meta, **more})
    return _required(connection, told.call)


def advance(connection: Connection, call: str, state: CallState, at: datetime) -> bool:
    """Note that a call is further. Return whether it still goes on."""
    row = find(connection, call)
    if row is None or not CallState(row.state).may_become(state):
        return False
    change(connection, call, {"state": state.value, TIMES[state]: at})
    return True


def end(
    connection: Connection,
    call: str,
    reason: End,
    at: datetime,
    more: Mapping[str, Any] | None = None,
) -> CallRow | None:
    """End a call, unless it has ended: then only what is known besides is written."""
    row = find(connection, call)
    if row is None:  # the person deleted their data meanwhile
        return None
    change(connection, call, {**(more or {}), **({} if row.is_over else _over(at, reason))})
    return _required(connection, call)


def note_reason(connection: Connection, call: str, reason: End) -> None:
    """Note why a call is about to end: Meta reports its end before we have written it."""
    row = find(connection, call)
    if row is not None and not row.is_over:
        change(connection, call, {"outcome": reason.value})


def note_choice(connection: Connection, call: str, choice: str) -> None:
    """Add a choice of the person, by its id."""
    row = find(connection, call)
    if row is not None:
        change(connection, call, {"chosen": f"{row.chosen} {choice}".strip()})


def find(connection: Connection, call: str) -> CallRow | None:
    """Return the row of a call by Meta's id; None if there is none."""
    row = connection.execute(select(voice_call).where(_of.id == call)).first()
    return None if row is None else row_of(row)


def keep_alive(connection: Connection, owner: str, at: datetime) -> list[str]:
    """Note that a process lives. Return the ids of its calls that have not ended."""
    mine = (_of.owner == owner, is_live)
    connection.execute(update(voice_call).where(*mine).values(alive_at=at))
    return list(connection.scalars(select(_of.id).where(*mine)))


def orphans(
    connection: Connection, at: datetime, owner: str, *, is_alone: bool | None = None
) -> list[CallRow]:
    """Return the calls whose process is gone: of all others, where only one process can be.

    SQLite allows one process, which is what `is_alone` says by default.
    """
    if is_alone is None:
        is_alone = connection.dialect.name == "sqlite"
    query = select(voice_call).where(is_live, _of.owner != owner)
    if not is_alone:
        query = query.where(_of.alive_at < at - GONE_AFTER)
    return [row_of(row) for row in connection.execute(query.order_by(_of.offered_at))]


def counts(connection: Connection, new: Offered, at: datetime) -> CallCounts:
    """Return how many other calls there are."""
    of_person = _of.user_key == new.user_key
    live = count(connection, is_live, _of.owner == new.owner)
    of_them = count(connection, is_live, of_person)
    recent = count(connection, of_person, _of.accepted_at > at - HOUR, _of.is_outgoing.is_(False))
    return CallCounts(live, of_them, recent)


def count(connection: Connection, *conditions: Any) -> int:
    """Return the number of calls that meet all conditions."""
    query = select(func.count()).select_from(voice_call).where(*conditions)
    return connection.scalar(query) or 0


def _over(at: datetime, reason: End) -> dict[str, Any]:
    return {"state": CallState.ENDED.value, "outcome": reason.value, "ended_at": at}


def insert(
    connection: Connection,
    call: str,
    phone_number_id: str,
    user_key: str,
    offered_at: datetime,
    values: Mapping[str, Any],
) -> None:
    """Write a row."""
    named = {
        "id": call,
        "phone_number_id": phone_number_id,
        "user_key": user_key,
        "offered_at": offered_at,
    }
    connection.execute(voice_call.insert().values({**named, **values}))


def change(connection: Connection, call: str, values: Mapping[str, Any]) -> None:
    """Set some columns of a row."""
    if values:
        connection.execute(update(voice_call).where(_of.id == call).values(dict(values)))


def _required(connection: Connection, call: str) -> CallRow:
    return row_of(connection.execute(select(voice_call).where(_of.id == call)).one())


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)

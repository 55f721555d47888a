"""One row for each operator in a call, and one for each caller who waits for one."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Column, Connection, Table, Text, delete, select, update

from storage.engine.database import UtcTimestamp, insert, metadata
from storage.person_rows import delete_by, delete_rows, move_rows, older_than
from storage.person_table import declare_person_table

#: Time for which it is kept who talked with whom.
KEEP_LEGS = timedelta(days=180)

call_leg = Table(
    "call_leg",
    metadata,
    #: chosen by the operator's page
    Column("id", Text, primary_key=True),
    #: Meta's id of the call
    Column("call_id", Text, nullable=False, index=True),
    Column("user_key", Text, nullable=False, index=True),
    #: name of the operator; None in the row of a caller who waits
    Column("operator", Text),
    #: a `LegState`
    Column("state", Text, nullable=False),
    #: a `Wish` that the process with the call has not heard of yet
    Column("wish", Text),
    #: SDP of the browser and of the bot, each until the other side has it
    Column("offer", Text),
    Column("answer", Text),
    Column("at", UtcTimestamp, nullable=False, index=True),
    #: when both heard each other first, and when that ended
    Column("joined_at", UtcTimestamp),
    Column("left_at", UtcTimestamp),
)
declare_person_table(
    call_leg,
    on_erase=delete_rows,
    on_merge=move_rows,
    on_forget=delete_by(call_leg.c.user_key),
    purge=older_than(KEEP_LEGS, call_leg.c.at),
)

_of = call_leg.c


class LegState(StrEnum):
    """How far an operator is."""

    #: A caller waits for an operator.
    WANTED = "wanted"
    #: An operator wants to take the call.
    ASKED = "asked"
    #: The process that has the call knows of it.
    CONNECTING = "connecting"
    TALKING = "talking"
    ENDED = "ended"


class LegRow(NamedTuple):
    """A row, column by column."""

    id: str
    call_id: str
    user_key: str
    operator: str | None
    state: str
    wish: str | None
    offer: str | None
    answer: str | None
    at: datetime
    joined_at: datetime | None
    left_at: datetime | None


def open_legs(connection: Connection, calls: Collection[str]) -> Sequence[LegRow]:
    """Return who waits, and which operators are in these calls or about to be."""
    query = select(call_leg).where(_of.call_id.in_(calls), _of.state != LegState.ENDED)
    return [LegRow(*row) for row in connection.execute(query)]


def find(connection: Connection, leg: str) -> LegRow | None:
    """Return a row."""
    row = connection.execute(select(call_leg).where(_of.id == leg)).first()
    return None if row is None else LegRow(*row)


def add(
    connection: Connection,
    leg: str,
    call: str,
    user_key: str,
    state: LegState,
    at: datetime,
    *,
    operator: str | None = None,
    offer: str | None = None,
) -> None:
    """Add a row; one that is there already stays as it is."""
    new = insert(connection, call_leg).values(
        id=leg, call_id=call, user_key=user_key, operator=operator, state=state.value,
        offer=offer, at=at,
    )  # fmt: skip
    connection.execute(new.on_conflict_do_nothing())


def change(connection: Connection, leg: str, values: Mapping[str, object]) -> bool:
    """Change a row that has not ended. Return whether there is one."""
    is_it = (_of.id == leg, _of.state != LegState.ENDED)
    return connection.execute(update(call_leg).where(*is_it).values(dict(values))).rowcount > 0


def remove(connection: Connection, leg: str) -> None:
    """Remove a row: a caller waits no longer."""
    connection.execute(delete(call_leg).where(_of.id == leg))


def take_news(connection: Connection, calls: Collection[str]) -> Sequence[LegRow]:
    """Return the operators who ask for these calls, or want something in them: each once."""
    is_asked = (_of.state == LegState.ASKED.value) | _of.wish.is_not(None)
    is_new = (_of.call_id.in_(calls), _of.state != LegState.ENDED, is_asked)
    found = [LegRow(*row) for row in connection.execute(select(call_leg).where(*is_new))]
    for one in found:
        state = LegState.CONNECTING if one.state == LegState.ASKED else LegState(one.state)
        change(connection, one.id, {"state": state.value, "offer": None, "wish": None})
    return found

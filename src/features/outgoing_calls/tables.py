"""What people allow, and whom the bot is to call."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Connection, Integer, Row, Table, Text, delete, select, update

from features.outgoing_calls.permission import REQUEST_LASTS, Permission, Status
from flow_engine.messages import Params
from storage.engine.database import UtcTimestamp, metadata
from storage.person_rows import delete_by, delete_rows, move_rows, older_than
from storage.person_table import declare_person_table

#: Time for which a wish to call is kept.
KEEP_WISHES = timedelta(days=180)

call_permission = Table(
    "call_permission",
    metadata,
    Column("id", Text, primary_key=True),
    Column("phone_number_id", Text, nullable=False),
    Column("user_key", Text, nullable=False, index=True),
    #: a `Status`
    Column("status", Text, nullable=False),
    Column("expires_at", UtcTimestamp),
    Column("asked_at", UtcTimestamp),
    Column("granted_at", UtcTimestamp),
    Column("changed_at", UtcTimestamp, nullable=False),
)
declare_person_table(
    call_permission,
    on_erase=delete_rows,
    on_merge=move_rows,
    on_forget=delete_by(call_permission.c.user_key),
)

call_wish = Table(
    "call_wish",
    metadata,
    Column("id", Text, primary_key=True),
    Column("phone_number_id", Text, nullable=False),
    Column("user_key", Text, nullable=False, index=True),
    #: what is said first: a text of the catalogue, and what is filled in, as JSON
    Column("key", Text, nullable=False),
    Column("params", Text, nullable=False),
    #: a `WishState`
    Column("state", Text, nullable=False),
    #: number of calls that were begun
    Column("attempts", Integer, nullable=False),
    Column("changed_at", UtcTimestamp, nullable=False, index=True),
)
declare_person_table(
    call_wish,
    on_erase=delete_rows,
    on_merge=move_rows,
    on_forget=delete_by(call_wish.c.user_key),
    purge=older_than(KEEP_WISHES, call_wish.c.changed_at),
)


class WishState(StrEnum):
    """What has become of a wish to call."""

    #: The person was asked whether they may be called.
    ASKED = "asked"
    CALLED = "called"
    #: It cannot be done.
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Wish:
    """That a person is to be called."""

    id: str
    phone_number_id: str
    user_key: str
    key: str
    params: Params
    state: WishState
    attempts: int
    changed_at: datetime


def permission_of(connection: Connection, phone_number_id: str, user_key: str) -> Permission:
    """Return what is known of the permission of a person; the last row counts, after a merge."""
    of = call_permission.c
    query = select(of.status, of.expires_at, of.asked_at, of.granted_at).where(
        of.user_key == user_key, of.phone_number_id == phone_number_id
    )
    row = connection.execute(query.order_by(of.changed_at.desc()).limit(1)).first()
    return Permission() if row is None else Permission(Status(row[0]), *row[1:])


def keep_permission(
    connection: Connection, phone_number_id: str, user_key: str, known: Permission, at: datetime
) -> None:
    """Keep what is known of the permission of a person, in place of what was known."""
    of = call_permission.c
    mine = (of.user_key == user_key, of.phone_number_id == phone_number_id)
    connection.execute(delete(call_permission).where(*mine))
    connection.execute(
        call_permission.insert().values(
            id=f"{phone_number_id}:{user_key}",
            phone_number_id=phone_number_id,
            user_key=user_key,
            status=known.status.value,
            expires_at=known.expires_at,
            asked_at=known.asked_at,
            granted_at=known.granted_at,
            changed_at=at,
        )
    )


def find_wish(connection: Connection, wish_id: str) -> Wish | None:
    """Return a wish by its id; None if there is none."""
    row = connection.execute(select(call_wish).where(call_wish.c.id == wish_id)).first()
    return None if row is None else _wish(row)


def newest_wish(
    connection: Connection, phone_number_id: str, user_key: str, state: WishState
) -> Wish | None:
    """Return the last wish to call a person, if it is in this state."""
    of = call_wish.c
    mine = (of.user_key == user_key, of.phone_number_id == phone_number_id)
    query = select(call_wish).where(*mine).order_by(of.changed_at.desc(), of.id.desc()).limit(1)
    row = connection.execute(query).first()
    wish = None if row is None else _wish(row)
    return wish if wish is not None and wish.state is state else None


def is_answerable(wish: Wish, now: datetime) -> bool:
    """Return whether the request of a wish can still be answered."""
    return now - wish.changed_at < REQUEST_LASTS


def keep_wish(connection: Connection, wish: Wish) -> None:
    """Keep a wish, in place of what was known of it."""
    values = {
        "phone_number_id": wish.phone_number_id,
        "user_key": wish.user_key,
        "key": wish.key,
        "params": json.dumps(dict(wish.params), default=str),
        "state": wish.state.value,
        "attempts": wish.attempts,
        "changed_at": wish.changed_at,
    }
    if find_wish(connection, wish.id) is None:
        connection.execute(call_wish.insert().values(id=wish.id, **values))
    else:
        connection.execute(update(call_wish).where(call_wish.c.id == wish.id).values(values))


def _wish(row: Row[Any]) -> Wish:
    known = row._asdict()
    return Wish(**known | {"params": json.loads(row.params), "state": WishState(row.state)})

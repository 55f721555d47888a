"""The delivery ledger: one row for each message that the bot sends, and its status."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Delete,
    Insert,
    Select,
    SmallInteger,
    Text,
    Update,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    update,
)

from domain.delivery import RANK, DeliveryStatus, StatusReport
from storage.engine.compiled import CompiledStatement, listed
from storage.engine.group_commit import GroupCommit
from storage.engine.lookup import Lookup
from storage.engine.write import Write
from storage.tables.delivery_table import KEEP_DELIVERIES, delivery

__all__ = ["KEEP_DELIVERIES", "Deliveries", "Label", "delivery", "new_id"]

#: Column with the time of each status.
_TIME_OF = {
    DeliveryStatus.ACCEPTED: "accepted_at",
    DeliveryStatus.SENT: "sent_at",
    DeliveryStatus.DELIVERED: "delivered_at",
    DeliveryStatus.READ: "read_at",
    DeliveryStatus.FAILED: "failed_at",
}
_NOTHING_REPORTED: dict[str, Any] = dict.fromkeys(_TIME_OF.values())


@CompiledStatement
def _add(dialect: str) -> Insert:
    return delivery.insert().values(
        id=bindparam("row_key"),
        user_key=bindparam("user_key"),
        kind=bindparam("kind"),
        created_at=bindparam("created_at"),
        label=bindparam("label"),
        counted_at=bindparam("counted_at"),
        status=DeliveryStatus.PENDING.value,
        rank=RANK[DeliveryStatus.PENDING],
    )


#: A failed message without Meta's id was only given up by the bot, and may still be sent.
_is_taken = and_(delivery.c.wamid.is_(None), bindparam("wamid", type_=Text).is_not(None))
_is_news = or_(bindparam("rank", type_=SmallInteger) > delivery.c.rank, _is_taken)


def _moved(name: str) -> ColumnElement[Any]:
    """The new value of a column: late and repeated statuses only fill in what was missing."""
    known = delivery.c[name]
    new = bindparam(name, type_=known.type)
    if name in ("status", "rank"):
        return case((_is_news, new), else_=known)
    return case((_is_taken, new), else_=func.coalesce(known, new))


_MOVE_ON = {
    name: _moved(name)
    for name in (
        *("status", "rank", "wamid", "error_code", "error_text", "category", "pricing"),
        "is_held",
        *_TIME_OF.values(),
    )
}


@CompiledStatement
def _move(dialect: str) -> Update:
    return update(delivery).where(delivery.c.id == bindparam("row_key")).values(_MOVE_ON)


@CompiledStatement
def _move_by_wamid(dialect: str) -> Update:
    return update(delivery).where(delivery.c.wamid == bindparam("row_key")).values(_MOVE_ON)


@CompiledStatement
def _forget(dialect: str) -> Delete:
    return delete(delivery).where(delivery.c.id == bindparam("row_key"))


@CompiledStatement
def _accepted(dialect: str) -> Select[tuple[str]]:
    is_asked_for = delivery.c.id.in_(listed(dialect, "keys", Text()))
    return select(delivery.c.id).where(is_asked_for, delivery.c.wamid.is_not(None))


@CompiledStatement
def _by_wamid(dialect: str) -> Select[tuple[str | None, str]]:
    return select(delivery.c.wamid, delivery.c.id).where(
        delivery.c.wamid.in_(listed(dialect, "keys", Text()))
    )


class Deliveries:
    """Reads the statuses of messages."""

    def __init__(self, database: GroupCommit) -> None:
        self._database = database

    async def id_of(self, wamid: str) -> str | None:
        """Return the bot's id of the message with this id of Meta's; None if it sent none."""
        row = await self._database.submit(Lookup(_by_wamid, wamid))
        return None if row is None else str(row[1])

    async def is_ours(self, wamid: str) -> bool:
        """Return whether the bot sent the message with this id of Meta's."""
        return await self.id_of(wamid) is not None

    async def was_accepted(self, delivery_id: str) -> bool:
        """Return whether Meta accepted the message, by its answer or by a status."""
        return await self._database.submit(Lookup(_accepted, delivery_id)) is not None


def new_id(at: datetime) -> str:
    """Return an id that no other message ever has, also after an older database is restored.

    Meta and Airtable name the message by it: a status may come days later, when a number that is
    counted up in the database could be in use again. The time comes first, so that new ids are
    neighbours in the index.
    """
    return f"{int(at.timestamp() * 1000):012x}{secrets.token_hex(10)}"


@dataclass(frozen=True, slots=True)
class Label:
    """What statistics count a message as, and at what time."""

    id: int
    at: datetime


def add(
    delivery_id: str, *, user_key: str | None, kind: str, at: datetime, label: Label | None = None
) -> Write:
    """Add a message that is about to be sent."""
    row: dict[str, Any] = {"row_key": delivery_id, "user_key": user_key, "kind": kind}
    row |= {
        "created_at": at,
        "label": label.id if label else None,
        "counted_at": label.at if label else None,
    }
    return Write(_add, [row])


def accept(delivery_id: str, wamid: str, *, at: datetime, is_held: bool = False) -> Write:
    """Note that Meta accepted the message and gave it an id."""
    row = _row(delivery_id, DeliveryStatus.ACCEPTED, wamid)
    return Write(_move, [row | {"accepted_at": at, "is_held": is_held or None}])


def refuse(delivery_id: str, *, code: int | None, text: str, at: datetime) -> Write:
    """Note that Meta rejected the message."""
    row = _row(delivery_id, DeliveryStatus.FAILED, None)
    row |= {"error_code": code, "error_text": text, "failed_at": at}
    return Write(_move, [row])


def forget(delivery_id: str) -> Write:
    """Delete a message from the ledger."""
    return Write(_forget, [{"row_key": delivery_id}])


def report(statuses: Sequence[StatusReport]) -> list[Write]:
    """Note the statuses that Meta reports, in any order, repeated or not."""
    ours = [_reported(one.callback_data, one) for one in statuses if one.callback_data]
    foreign = [_reported(one.wamid, one) for one in statuses if not one.callback_data]
    return [Write(_move, ours), Write(_move_by_wamid, foreign)]


def _reported(key: str, one: StatusReport) -> dict[str, Any]:
    row = _row(key, one.status, one.wamid or None)
    row |= {"error_code": one.error_code, "error_text": one.error_text}
    row |= {"category": one.category, "pricing": one.pricing}
    if one.status in _TIME_OF:
        row[_TIME_OF[one.status]] = one.at
    return row


def _row(key: str, status: DeliveryStatus, wamid: str | None) -> dict[str, Any]:
    return {
        "row_key": key,
        "status": status.value,
        "rank": RANK[status],
        "wamid": wamid,
        "error_code": None,
        "error_text": None,
        "category": None,
        "pricing": None,
        "is_held": None,
        **_NOTHING_REPORTED,
    }

"""The broadcast of each message that belongs to one."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Insert, Table, Text, bindparam, func, select

from domain.delivery import DeliveryStatus
from storage.engine.compiled import CompiledStatement
from storage.engine.database import metadata
from storage.engine.write import Write
from storage.person_rows import declare_detail
from storage.tables.deliveries import delivery

broadcast_message = Table(
    "broadcast_message",
    metadata,
    #: id of the delivery
    Column("id", Text, primary_key=True),
    Column("broadcast", Text, nullable=False, index=True),
)
declare_detail(broadcast_message.c.id, of=delivery)


@dataclass(frozen=True, slots=True)
class DeliveryCounts:
    """Numbers of a broadcast's messages that reached at least each status."""

    #: messages that wait to be sent to Meta
    pending: int = 0
    sent: int = 0
    delivered: int = 0
    read: int = 0
    failed: int = 0
    #: number of failed messages by Meta's error text
    failures: Mapping[str, int] | None = None


@CompiledStatement
def _add(dialect: str) -> Insert:
    return broadcast_message.insert().values(
        id=bindparam("row_key"), broadcast=bindparam("broadcast")
    )


def add(delivery_id: str, *, broadcast: str) -> Write:
    """Note that a message belongs to a broadcast."""
    return Write(_add, [{"row_key": delivery_id, "broadcast": broadcast}])


def delivery_counts(connection: Connection, broadcast: str) -> DeliveryCounts:
    """Count all messages of a broadcast by status."""
    of = delivery.c
    query = (
        select(of.status, of.error_code, of.error_text, func.count())
        .select_from(broadcast_message.join(delivery, of.id == broadcast_message.c.id))
        .where(broadcast_message.c.broadcast == broadcast)
        .group_by(of.status, of.error_code, of.error_text)
    )
    count = dict.fromkeys(DeliveryStatus, 0)
    failures: dict[str, int] = {}
    for status, code, text, number in connection.execute(query):
        count[DeliveryStatus(status)] += number
        if status == DeliveryStatus.FAILED:
            failures[f"{code} {text}" if code else str(text)] = number
    read = count[DeliveryStatus.READ] + count[DeliveryStatus.PLAYED]
    delivered = read + count[DeliveryStatus.DELIVERED]
    return DeliveryCounts(
        pending=count[DeliveryStatus.PENDING],
        sent=delivered + count[DeliveryStatus.SENT] + count[DeliveryStatus.ACCEPTED],
        delivered=delivered,
        read=read,
        failed=count[DeliveryStatus.FAILED],
        failures=failures,
    )

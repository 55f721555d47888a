"""Which messages belong to which broadcast."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Insert, Table, Text, bindparam, func, select

from domain.delivery import DeliveryStatus
from storage.engine.compiled import CompiledStatement
from storage.engine.database import metadata
from storage.engine.write import Write
from storage.tables.deliveries import delivery

broadcast_message = Table(
    "broadcast_message",
    metadata,
    #: that of its delivery
    Column("id", Text, primary_key=True),
    Column("broadcast", Text, nullable=False, index=True),
)


@dataclass(frozen=True, slots=True)
class DeliveryCounts:
    """What became of the messages of a broadcast: how many got at least so far."""

    #: not yet given to Meta
    pending: int = 0
    sent: int = 0
    delivered: int = 0
    read: int = 0
    failed: int = 0
    #: by what Meta said
    failures: Mapping[str, int] | None = None


@CompiledStatement
def _add(dialect: str) -> Insert:
    return broadcast_message.insert().values(
        id=bindparam("row_key"), broadcast=bindparam("broadcast")
    )


def add(delivery_id: str, *, broadcast: str) -> Write:
    return Write(_add, [{"row_key": delivery_id, "broadcast": broadcast}])


def delivery_counts(connection: Connection, broadcast: str) -> DeliveryCounts:
    """Counts all messages of a broadcast."""
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

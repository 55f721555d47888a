"""Changes of stored notifications: cancelling them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, literal, select, update

from domain.delivery import RANK, DeliveryStatus
from features.notifications.reading import joined
from features.notifications.schema import CancelResult
from features.notifications.stage import Stage
from features.notifications.tables import notification
from storage.tables.deliveries import delivery

#: What is still with the bot.
_OPEN = (Stage.WAITING.value, Stage.RELEASED.value)


def cancel(
    connection: Connection, tenant: str, is_meant: ColumnElement[bool], now: datetime
) -> tuple[CancelResult, Sequence[str]] | None:
    """Cancel what is not yet with Meta; return its ids as well. None if nothing is meant.

    What waits in the outbox is stopped right before it would be sent.
    """
    of = notification.c
    is_theirs = (of.tenant == tenant, is_meant)
    total = connection.scalar(select(func.count()).select_from(notification).where(*is_theirs)) or 0
    if not total:
        return None
    has_begun = delivery.c.rank > RANK[DeliveryStatus.PENDING]
    begun = select(of.id).select_from(joined()).where(*is_theirs, has_begun)
    changed = (
        update(notification)
        .where(*is_theirs, of.stage.in_(_OPEN), of.id.not_in(begun))
        .values(stage=Stage.CANCELLED.value, left_at=literal(now, of.left_at.type))
        .returning(of.id)
    )
    ids = connection.scalars(changed).all()
    return CancelResult(cancelled=len(ids), too_late=total - len(ids)), ids

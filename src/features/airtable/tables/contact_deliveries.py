"""What became of messages to people: of operators' replies, and of those that did not arrive."""

from collections.abc import Sequence

from sqlalchemy import Text, Update, bindparam, literal, null, select, update

from domain.delivery import DeliveryStatus, StatusReport
from features.airtable.tables.contacts import desk
from storage.engine.compiled import CompiledStatement
from storage.engine.write import Write
from storage.tables.deliveries import delivery


@CompiledStatement
def _failed(dialect: str) -> Update:
    """`row_key` is the id of a delivery."""
    whose = select(delivery.c.user_key).where(delivery.c.id == bindparam("row_key"))
    return (
        update(desk)
        .where(desk.c.key == whose.scalar_subquery())
        .values(problem=bindparam("reason"), rev=desk.c.rev + 1)
    )


@CompiledStatement
def _arrived(dialect: str) -> Update:
    """`row_key` is the id of a delivery; the failure of a later one stays."""
    arrived, later = delivery.alias(), delivery.alias()
    is_it = arrived.c.id == bindparam("row_key")
    at = select(arrived.c.created_at).where(is_it).scalar_subquery()
    whose = select(arrived.c.user_key).where(is_it).scalar_subquery()
    lost = select(later.c.id).where(
        later.c.user_key == desk.c.key,
        later.c.status == DeliveryStatus.FAILED.value,
        later.c.created_at >= at,
    )
    return (
        update(desk)
        .where(desk.c.key == whose, desk.c.problem.is_not(None), ~lost.exists())
        .values(problem=null(), rev=desk.c.rev + 1)
    )


@CompiledStatement
def _reply_reported(dialect: str) -> Update:
    """`row_key` is the id of a delivery; only that of the operator's last reply counts."""
    whose = select(delivery.c.user_key).where(delivery.c.id == bindparam("row_key"))
    told = bindparam("outcome", type_=Text) + literal(": ") + desk.c.reply_text
    return (
        update(desk)
        .where(desk.c.key == whose.scalar_subquery())
        .where(desk.c.reply_delivery == bindparam("row_key"))
        .values(reply_result=told, rev=desk.c.rev + 1)
    )


def failures(statuses: Sequence[StatusReport]) -> list[Write]:
    """Note the messages that did not arrive, of the statuses that Meta reports."""
    lost = [one for one in statuses if one.status is DeliveryStatus.FAILED and one.callback_data]
    return [failed(str(one.callback_data), one.error_text or "failed") for one in lost]


def arrivals(statuses: Sequence[StatusReport]) -> list[Write]:
    """Forget why an earlier message did not arrive once a later one has."""
    arrived = [one for one in statuses if one.status is DeliveryStatus.DELIVERED]
    rows = [{"row_key": one.callback_data} for one in arrived if one.callback_data]
    return [Write(_arrived, rows)] if rows else []


def failed(delivery_id: str, reason: str) -> Write:
    """Note that a message to a person did not arrive."""
    return Write(_failed, [{"row_key": delivery_id, "reason": reason}])


def reply_failed(delivery_id: str, reason: str) -> Write:
    """Note that an operator's reply did not arrive, if this delivery is one."""
    return Write(_reply_reported, [{"row_key": delivery_id, "outcome": f"Failed ({reason})"}])


def reply_reports(statuses: Sequence[StatusReport]) -> list[Write]:
    """Note what became of operators' replies, of the statuses that Meta reports."""
    writes: list[Write] = []
    for one in statuses:
        if one.callback_data is None:
            continue
        if one.status is DeliveryStatus.READ:
            read = f"Read at {one.at:%Y-%m-%d %H:%M} UTC" if one.at else "Read"
            writes.append(
                Write(_reply_reported, [{"row_key": str(one.callback_data), "outcome": read}])
            )
        elif one.status is DeliveryStatus.FAILED:
            writes.append(reply_failed(str(one.callback_data), one.error_text or "no reason given"))
    return writes

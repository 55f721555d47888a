"""`WhatsAppMessageRepository` and `WhatsAppTemplateRepository`: queries of the ledger."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.orm import Session

from domain.delivery import DeliveryStatus, StatusReport
from features.notifications.ledger.connection import connected
from features.notifications.ledger.models import (
    Base,
    WhatsAppMessage,
    WhatsAppMessageStatus,
    WhatsAppTemplate,
)
from features.notifications.ledger.requests import DeliveryStats
from storage.engine.group_commit import Transaction
from storage.engine.write import execute_writes
from storage.tables import deliveries

Model = TypeVar("Model", bound=Base)

#: Most rows of a list.
MAX_ROWS = 1000
#: Meta's word for a status of the ledger.
_REPORTED = {
    WhatsAppMessageStatus.SENT: DeliveryStatus.SENT,
    WhatsAppMessageStatus.DELIVERED: DeliveryStatus.DELIVERED,
    WhatsAppMessageStatus.READ: DeliveryStatus.READ,
    WhatsAppMessageStatus.FAILED: DeliveryStatus.FAILED,
}


class Repository(Generic[Model]):
    """Queries over the bot's database, whichever `session` a caller has."""

    def __init__(self, session: object = None) -> None:
        self.session = session

    async def _all(self, query: Select[Any]) -> Sequence[Model]:
        async with connected() as parts:
            found: Sequence[Model] = await parts.database.reader.run(
                lambda c, _: _objects(c, query)
            )
            return found

    async def _first(self, query: Select[Any]) -> Model | None:
        found = await self._all(query.limit(1))
        return found[0] if found else None


class WhatsAppMessageRepository(Repository[WhatsAppMessage]):
    """Messages, and what became of them."""

    async def get_by_id(self, message_id: str) -> WhatsAppMessage | None:
        """Return a message by the ledger's id."""
        return await self._first(_messages().where(WhatsAppMessage.id == message_id))

    async def get_by_whatsapp_id(self, whatsapp_message_id: str) -> WhatsAppMessage | None:
        """Return a message by Meta's id."""
        is_it = WhatsAppMessage.whatsapp_message_id == whatsapp_message_id
        return await self._first(_messages().where(is_it))

    async def get_by_notification_id(self, notification_id: str) -> WhatsAppMessage | None:
        """Return the message with this id of the caller's."""
        is_it = WhatsAppMessage.notification_id == notification_id
        return await self._first(_messages().where(is_it))

    async def get_messages(
        self,
        *,
        tenant_id: str | None = None,
        status: WhatsAppMessageStatus | None = None,
        template_name: str | None = None,
        limit: int = 100,
    ) -> Sequence[WhatsAppMessage]:
        """Return messages that fit, the newest first; at most 1,000."""
        query = _messages().order_by(WhatsAppMessage.created_at.desc())
        for column, value in (
            (WhatsAppMessage.tenant_id, tenant_id),
            (WhatsAppMessage.status, status),
            (WhatsAppMessage.template_name, template_name),
        ):
            query = query if value is None else query.where(column == value)
        return await self._all(query.limit(min(limit, MAX_ROWS)))

    async def update_message_status(
        self,
        message_id: str,
        status: WhatsAppMessageStatus,
        *,
        whatsapp_message_id: str | None = None,
        error_message: str | None = None,
    ) -> WhatsAppMessage | None:
        """Note a status, as one that Meta reports; a status never goes back. Return the message.

        Raises ValueError for PENDING.
        """
        if status not in _REPORTED:
            raise ValueError("a message that was stored is pending by itself")
        async with connected() as parts:
            report = StatusReport(
                wamid=whatsapp_message_id or "",
                status=_REPORTED[status],
                at=parts.clock(),
                callback_data=message_id,
                error_text=error_message,
            )
            await parts.database.submit(Transaction(partial(_note, report)))
        return await self.get_by_id(message_id)

    async def get_delivery_stats(
        self, tenant_id: str | None = None, days: int = 30
    ) -> DeliveryStats:
        """Return the numbers of messages of the last days by status."""
        async with connected() as parts:
            since = parts.clock() - timedelta(days=days)
            counts = await parts.database.reader.run(lambda c, _: _counts(c, tenant_id, since))
        known = {status: counts.get(status.value, 0) for status in WhatsAppMessageStatus}
        arrived = known[WhatsAppMessageStatus.DELIVERED] + known[WhatsAppMessageStatus.READ]
        decided = arrived + known[WhatsAppMessageStatus.FAILED]
        return DeliveryStats(
            total=sum(counts.values()),
            **{status.value.lower(): count for status, count in known.items()},
            delivery_rate=round(arrived / decided, 4) if decided else None,
        )


class WhatsAppTemplateRepository(Repository[WhatsAppTemplate]):
    """Templates, in step with Meta: `sent_count` is counted, and nothing is changed here."""

    async def get_by_key(self, template_key: str) -> WhatsAppTemplate | None:
        """Return a template by name and language: `order_update:es`."""
        is_it = WhatsAppTemplate.template_key == template_key
        return await self._first(select(WhatsAppTemplate).where(is_it))

    async def get_by_name(
        self, template_name: str, language: str | None = None
    ) -> WhatsAppTemplate | None:
        """Return a template; without a language, one that may be sent."""
        query = select(WhatsAppTemplate).where(WhatsAppTemplate.template_name == template_name)
        if language is not None:
            query = query.where(WhatsAppTemplate.language == language)
        order = (WhatsAppTemplate.is_active.desc(), WhatsAppTemplate.language)
        return await self._first(query.order_by(*order))

    async def get_templates(self, *, only_active: bool = False) -> Sequence[WhatsAppTemplate]:
        """Return all templates by name and language, or those that may be sent."""
        query = select(WhatsAppTemplate).order_by(WhatsAppTemplate.template_key)
        if only_active:
            query = query.where(WhatsAppTemplate.is_active)
        return await self._all(query)


def _messages() -> Select[Any]:
    return select(WhatsAppMessage)


def _objects(connection: Connection, query: Select[Any]) -> Sequence[Any]:
    """Return what a query finds, as objects of their own."""
    with Session(connection, autobegin=True) as session:
        found = session.scalars(query).all()
        session.expunge_all()
    return found


def _note(report: StatusReport, connection: Connection, _now: float) -> None:
    execute_writes(connection, deliveries.report([report]))


def _counts(connection: Connection, tenant_id: str | None, since: datetime) -> dict[str, int]:
    of = WhatsAppMessage
    query = select(of.status, func.count()).where(of.created_at >= since)
    if tenant_id is not None:
        query = query.where(of.tenant_id == tenant_id)
    return {str(status): count for status, count in connection.execute(query.group_by(of.status))}

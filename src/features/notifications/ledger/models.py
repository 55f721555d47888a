"""Models of the views `whatsapp_messages` and `whatsapp_templates`: to read, not to write.

Every message of the bot is there once. What changes it is sending, and what Meta reports.
"""

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Boolean, Dialect, Integer, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSON as PostgresJson
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import DateTime, TypeEngine


class WhatsAppMessageType(StrEnum):
    """Types of messages; Meta has more, and the column has them in capitals."""

    TEMPLATE = "TEMPLATE"
    TEXT = "TEXT"
    IMAGE = "IMAGE"
    DOCUMENT = "DOCUMENT"
    VIDEO = "VIDEO"
    AUDIO = "AUDIO"
    INTERACTIVE = "INTERACTIVE"


class WhatsAppMessageStatus(StrEnum):
    """What became of a message."""

    PENDING = "PENDING"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    READ = "READ"
    FAILED = "FAILED"


class WhatsAppTemplateCategory(StrEnum):
    """Meta's categories of templates."""

    MARKETING = "MARKETING"
    UTILITY = "UTILITY"
    AUTHENTICATION = "AUTHENTICATION"


class _UtcTime(TypeDecorator[datetime]):
    """A time in UTC, which the view of SQLite has as a text without a zone."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class _Json(TypeDecorator[Any]):
    """JSON, which the view of SQLite has as a text."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        is_text = dialect.name == "sqlite"
        return dialect.type_descriptor(Text() if is_text else PostgresJson())

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return json.loads(value) if isinstance(value, str) and dialect.name == "sqlite" else value


class Base(DeclarativeBase):
    """The views are in no migration that compares tables: they have a registry of their own."""


class WhatsAppMessage(Base):
    """A message that was sent, or waits for it."""

    __tablename__ = "whatsapp_messages"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(Text)
    #: The caller's own id; without one, the batch. None for what the bot said by itself.
    notification_id: Mapped[str | None] = mapped_column(Text)
    whatsapp_message_id: Mapped[str | None] = mapped_column(Text)
    #: E.164; None where only Meta's user id is known, and once it was deleted.
    recipient_phone: Mapped[str | None] = mapped_column(Text)
    message_type: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    template_name: Mapped[str | None] = mapped_column(Text)
    template_parameters: Mapped[Any] = mapped_column(_Json)
    sent_at: Mapped[datetime | None] = mapped_column(_UtcTime)
    delivered_at: Mapped[datetime | None] = mapped_column(_UtcTime)
    read_at: Mapped[datetime | None] = mapped_column(_UtcTime)
    error_message: Mapped[str | None] = mapped_column(Text)
    provider_response: Mapped[Any] = mapped_column(_Json)
    #: Column `metadata`, a name that SQLAlchemy keeps for itself.
    extra: Mapped[Any] = mapped_column("metadata", _Json)
    created_at: Mapped[datetime] = mapped_column(_UtcTime)
    updated_at: Mapped[datetime] = mapped_column(_UtcTime)
    error_code: Mapped[int | None] = mapped_column(Integer)
    #: What Meta charges it as, and whether it does.
    pricing_category: Mapped[str | None] = mapped_column(Text)
    billable: Mapped[bool | None] = mapped_column(Boolean)


class WhatsAppTemplate(Base):
    """A template in one language, as Meta described it last."""

    __tablename__ = "whatsapp_templates"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    template_name: Mapped[str] = mapped_column(Text)
    #: Name and language: `order_update:es`.
    template_key: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    body_text: Mapped[str | None] = mapped_column(Text)
    #: Number of different variables of the body.
    parameter_count: Mapped[int] = mapped_column(Integer)
    #: Number of notifications that Meta has taken; counted anew each time.
    sent_count: Mapped[int] = mapped_column(Integer)
    #: Whether it may be sent now.
    is_active: Mapped[bool] = mapped_column(Boolean)
    account_id: Mapped[str] = mapped_column(Text)
    quality: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(_UtcTime)

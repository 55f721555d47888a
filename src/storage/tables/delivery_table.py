"""The table of the delivery ledger: one row for each message that the bot sends."""

from datetime import timedelta

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, SmallInteger, Table, Text

from storage.engine.database import UtcTimestamp, metadata
from storage.person_rows import delete_rows, leave_rows, older_than
from storage.person_table import declare_person_table

delivery = Table(
    "delivery",
    metadata,
    #: the bot's own id (`new_id`); sent as `biz_opaque_callback_data`, and returned in statuses
    Column("id", Text, primary_key=True),
    #: Meta's id of the message, once Meta accepted it
    Column("wamid", Text, index=True),
    Column("user_key", Text),
    #: Meta's type of the message
    Column("kind", Text),
    Column("status", Text, nullable=False),
    Column("rank", SmallInteger, nullable=False),
    Column("error_code", Integer),
    #: what Meta charges the message as, such as "service", and how
    Column("category", Text),
    Column("pricing", Text),
    Column("error_text", Text),
    Column("created_at", UtcTimestamp, nullable=False, index=True),
    Column("accepted_at", UtcTimestamp),
    Column("sent_at", UtcTimestamp),
    Column("delivered_at", UtcTimestamp),
    Column("read_at", UtcTimestamp),
    Column("failed_at", UtcTimestamp),
    #: Meta took it, and waits with it until it knows how people like the template
    Column("is_held", Boolean),
    #: what statistics count it as, and at what time; none for what they leave out
    Column("label", BigInteger),
    Column("counted_at", UtcTimestamp),
)
#: For statistics: what is counted message by message, and what has not left the bot.
_at = (delivery.c.label, delivery.c.counted_at)
_is_counted = delivery.c.label.is_not(None)
_is_pending = _is_counted & (delivery.c.status == "pending")
for _name, _is_it in (("counted", _is_counted), ("pending", _is_pending)):
    Index(f"ix_delivery_{_name}", *_at, postgresql_where=_is_it, sqlite_where=_is_it)
_has_failed = delivery.c.failed_at.is_not(None)
Index(
    "ix_delivery_failed",
    delivery.c.failed_at,
    delivery.c.label,
    postgresql_where=_has_failed,
    sqlite_where=_has_failed,
)

#: Deliveries hold no content; they are kept for statistics.
KEEP_DELIVERIES = timedelta(days=90)
declare_person_table(
    delivery,
    on_erase=delete_rows,
    on_merge=leave_rows,
    on_forget=None,
    purge=older_than(KEEP_DELIVERIES, delivery.c.created_at),
)

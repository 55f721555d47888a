"""Pace of bulk messages, Meta's limit of people, pauses after failures, and statistics."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

_IS_COUNTED, _HAS_FAILED = sa.text("label IS NOT NULL"), sa.text("failed_at IS NOT NULL")
_COUNTED = ["label", "counted_at", "status", "error_code", "pricing", "is_held"]
_LOCAL = ["tenant", "created_at", "stage", "template", "language"]
_TIMES = ["accepted_at", "delivered_at", "read_at"]


#: Who got marketing before: of the last message of each person.
_MARKETED = "INSERT INTO bulk_contact (user_key, portfolio, marketed_at, marketed_by, noted_at) "
_FROM_BROADCASTS = (
    f"{_MARKETED} SELECT key, '', broadcast_at, broadcast_id, broadcast_at FROM desk "
    "WHERE broadcast_at IS NOT NULL"
)
_FROM_NOTIFICATIONS = (
    f"{_MARKETED} SELECT user_key, '', MAX(left_at), MAX(id), MAX(left_at) FROM notification "
    "WHERE category = 'MARKETING' AND stage = 'released' GROUP BY user_key "
    "ON CONFLICT (user_key) DO UPDATE SET marketed_at = excluded.marketed_at, "
    "marketed_by = excluded.marketed_by, noted_at = excluded.noted_at "
    "WHERE excluded.marketed_at > bulk_contact.marketed_at"
)


def upgrade() -> None:
    op.add_column("budget", sa.Column("halvings", sa.Integer(), server_default="0", nullable=False))
    op.add_column("budget", sa.Column("slowed_at", sa.Double()))
    for column in (
        sa.Column("is_held", sa.Boolean()),
        sa.Column("label", sa.BigInteger()),
        sa.Column("counted_at", sa.Double()),
    ):
        op.add_column("delivery", column)
    _index("ix_delivery_counted", [*_COUNTED, *_TIMES], _IS_COUNTED)
    _index("ix_delivery_failed", ["failed_at", "label"], _HAS_FAILED)
    source = sa.Column("source", sa.Text(), server_default="api", nullable=False)
    op.add_column("notification", source)
    where = sa.text("stage IN ('cancelled', 'expired', 'refused')")
    op.create_index(
        "ix_notification_ended",
        "notification",
        [*_LOCAL, "category", "source", "send_at", "id"],
        postgresql_where=where,
        sqlite_where=where,
    )
    _make_tables()


def _make_tables() -> None:
    op.create_table(
        "bulk_share",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("busy_until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_bulk_share"),
    )
    op.create_table(
        "bulk_limit",
        sa.Column("portfolio", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer()),
        sa.Column("read_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("portfolio", name="pk_bulk_limit"),
    )
    op.create_table(
        "bulk_contact",
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("portfolio", sa.Text(), nullable=False),
        sa.Column("reached_at", sa.Double()),
        sa.Column("marketed_at", sa.Double()),
        sa.Column("marketed_by", sa.Text()),
        sa.Column("noted_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("user_key", name="pk_bulk_contact"),
    )
    op.create_index("ix_bulk_contact_reached", "bulk_contact", ["portfolio", "reached_at"])
    op.create_index("ix_bulk_contact_noted_at", "bulk_contact", ["noted_at"])
    op.execute(_FROM_BROADCASTS)
    op.execute(_FROM_NOTIFICATIONS)
    op.create_table(
        "bulk_pause",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("paused_at", sa.Double(), nullable=False),
        sa.Column("resumed_at", sa.Double()),
        sa.PrimaryKeyConstraint("key", name="pk_bulk_pause"),
    )
    op.create_table(
        "delivery_label",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("tenant", "number", "source")),
        *(sa.Column(name, sa.Text()) for name in ("template", "language", "category")),
        sa.PrimaryKeyConstraint("id", name="pk_delivery_label"),
    )


def _index(name: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, "delivery", columns, postgresql_where=where, sqlite_where=where)


def downgrade() -> None:
    for name in ("delivery_label", "bulk_pause", "bulk_contact", "bulk_limit", "bulk_share"):
        op.drop_table(name)
    for name in ("ix_delivery_failed", "ix_delivery_counted"):
        op.drop_index(name, "delivery")
    for name in ("counted_at", "label", "is_held"):
        op.drop_column("delivery", name)
    op.drop_index("ix_notification_ended", "notification")
    op.drop_column("notification", "source")
    for name in ("slowed_at", "halvings"):
        op.drop_column("budget", name)

"""Who holds a conversation, when its window closes, what is quoted, and what a message costs."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

ADDED: tuple[tuple[str, str, Any], ...] = (
    ("users", "held_since", sa.Double()),
    ("users", "held_by", sa.Text()),
    ("users", "last_inbound_at", sa.Double()),
    ("users", "last_inbound_id", sa.Text()),
    ("users", "offers_stopped_at", sa.Double()),
    ("users", "referral", sa.Text()),
    ("delivery", "category", sa.Text()),
    ("delivery", "pricing", sa.Text()),
    ("desk", "reply_delivery", sa.Text()),
    ("message", "price", sa.Text()),
)


def upgrade() -> None:
    for table, name, kind in ADDED:
        op.add_column(table, sa.Column(name, kind))
    users = sa.table("users", sa.column("key"), sa.column("last_inbound_at"))
    desk = sa.table("desk", sa.column("key"), sa.column("last_inbound_at"))
    known = sa.select(desk.c.last_inbound_at).where(desk.c.key == users.c.key).scalar_subquery()
    op.execute(users.update().values(last_inbound_at=known))
    op.drop_column("desk", "last_inbound_at")
    op.create_table(
        "quotable",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quotable"),
    )
    op.create_index("ix_quotable_user_key", "quotable", ["user_key"])
    op.create_index("ix_quotable_at", "quotable", ["at"])


def downgrade() -> None:
    op.drop_table("quotable")
    op.add_column("desk", sa.Column("last_inbound_at", sa.Double()))
    for table, name, _ in reversed(ADDED):
        op.drop_column(table, name)

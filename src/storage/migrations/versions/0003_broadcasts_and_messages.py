"""Broadcasts, messages to read along, unanswered questions, hits of answers, tokens."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("users", sa.Column("marketing_at", sa.Double()))
    op.add_column("users", sa.Column("role", sa.Text()))
    op.add_column("desk", sa.Column("tags", sa.Text()))
    op.add_column("desk", sa.Column("broadcast_at", sa.Double()))
    op.create_table(
        "broadcast_message",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("broadcast", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_broadcast_message"),
    )
    op.create_index("ix_broadcast_message_broadcast", "broadcast_message", ["broadcast"])
    op.create_table(
        "message",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("status", sa.Text()),
        sa.Column("rank", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("at", sa.Double(), nullable=False),
        *_mirrored_columns(),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
    )
    for column in ("user_key", "at", "record_id"):
        op.create_index(f"ix_message_{column}", "message", [column])
    op.create_table(
        "unanswered",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.Double(), nullable=False),
        *_mirrored_columns(),
        sa.PrimaryKeyConstraint("id", name="pk_unanswered"),
    )
    op.create_index("ix_unanswered_user_key", "unanswered", ["user_key"])
    op.create_index("ix_unanswered_record_id", "unanswered", ["record_id"])
    op.create_table(
        "spending",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_spending"),
    )
    op.create_index("ix_spending_day", "spending", ["day"])
    op.create_index("ix_spending_user_key", "spending", ["user_key"])
    op.create_table(
        "faq_hit",
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("record_id", name="pk_faq_hit"),
    )


def downgrade() -> None:
    for table in ("faq_hit", "spending", "unanswered", "message", "broadcast_message"):
        op.drop_table(table)
    op.drop_column("desk", "broadcast_at")
    op.drop_column("desk", "tags")
    op.drop_column("users", "role")
    op.drop_column("users", "marketing_at")


def _mirrored_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("record_id", sa.Text()),
        sa.Column("rev", sa.Integer(), server_default="1", nullable=False),
        sa.Column("synced_rev", sa.Integer(), server_default="0", nullable=False),
        sa.Column("retry_at", sa.Double()),
    ]

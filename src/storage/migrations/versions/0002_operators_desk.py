"""The operators' desk, and who answers whom."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("users", sa.Column("handling", sa.Text()))
    op.add_column("users", sa.Column("silent_until", sa.Double()))
    op.create_table(
        "desk",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("phone_number_id", sa.Text(), nullable=False),
        sa.Column("last_inbound_at", sa.Double()),
        sa.Column("last_message", sa.Text()),
        sa.Column("unread", sa.Integer(), server_default="0", nullable=False),
        sa.Column("problem", sa.Text()),
        sa.Column("reply_result", sa.Text()),
        sa.Column("reply_taken", sa.Text()),
        sa.Column("handling_is_ours", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("record_id", sa.Text()),
        sa.Column("erase_at", sa.Double()),
        sa.Column("rev", sa.Integer(), server_default="1", nullable=False),
        sa.Column("synced_rev", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("retry_at", sa.Double()),
        sa.Column("refusal", sa.Text()),
        sa.PrimaryKeyConstraint("key", name="pk_desk"),
    )
    op.create_index("ix_desk_record_id", "desk", ["record_id"])
    is_dirty = sa.text("rev > synced_rev")
    op.create_index(
        "ix_desk_dirty", "desk", ["key"], postgresql_where=is_dirty, sqlite_where=is_dirty
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text()),
        sa.Column("opened_at", sa.Double(), nullable=False),
        sa.Column("closed_at", sa.Double()),
        *_mirrored_columns(),
        sa.PrimaryKeyConstraint("id", name="pk_ticket"),
    )
    op.create_index("ix_ticket_user_key", "ticket", ["user_key"])
    op.create_index("ix_ticket_record_id", "ticket", ["record_id"])
    op.create_table(
        "consent",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text()),
        sa.Column("at", sa.Double(), nullable=False),
        *_mirrored_columns(),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
    )
    op.create_index("ix_consent_user_key", "consent", ["user_key"])
    op.create_index("ix_consent_record_id", "consent", ["record_id"])
    op.create_table(
        "suppressed",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_suppressed"),
    )
    op.create_table(
        "kept",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_kept"),
    )


def downgrade() -> None:
    for table in ("kept", "suppressed", "consent", "ticket"):
        op.drop_table(table)
    op.drop_table("desk")
    op.drop_column("users", "silent_until")
    op.drop_column("users", "handling")


def _mirrored_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("record_id", sa.Text()),
        sa.Column("rev", sa.Integer(), server_default="1", nullable=False),
        sa.Column("synced_rev", sa.Integer(), server_default="0", nullable=False),
        sa.Column("retry_at", sa.Double()),
    ]

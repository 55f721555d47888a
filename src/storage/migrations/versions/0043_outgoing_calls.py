"""Calls to people: what they allow, whom the bot is to call, and what Meta tells of these calls."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0040"


def upgrade() -> None:
    op.create_table(
        "voice_signal",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("status", sa.Text()),
        sa.Column("sdp", sa.Text()),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_voice_signal"),
    )
    op.create_table(
        "call_permission",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("phone_number_id", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Double()),
        sa.Column("asked_at", sa.Double()),
        sa.Column("granted_at", sa.Double()),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_call_permission"),
    )
    op.create_table(
        "call_wish",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("phone_number_id", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_call_wish"),
    )
    indexes = {
        "voice_signal": ("call_id", "user_key"),
        "call_permission": ("user_key",),
        "call_wish": ("user_key", "changed_at"),
    }
    for table, columns in indexes.items():
        for name in columns:
            op.create_index(f"ix_{table}_{name}", table, [name])


def downgrade() -> None:
    for table in ("call_wish", "call_permission", "voice_signal"):
        op.drop_table(table)

"""What the assistant and callers say in voice calls."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    op.create_table(
        "call_turn",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_cut", sa.Boolean(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_call_turn"),
    )
    for column in ("call_id", "user_key", "at"):
        op.create_index(f"ix_call_turn_{column}", "call_turn", [column])
    op.create_table(
        "call_record",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("seconds", sa.Integer()),
        sa.Column("outcome", sa.Text()),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("transcript", sa.Text(), nullable=False),
        sa.Column("kept_until", sa.Double(), nullable=False),
        sa.Column("record_id", sa.Text()),
        sa.Column("rev", sa.Integer(), server_default="1", nullable=False),
        sa.Column("synced_rev", sa.Integer(), server_default="0", nullable=False),
        sa.Column("retry_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_call_record"),
    )
    for column in ("user_key", "kept_until", "record_id"):
        op.create_index(f"ix_call_record_{column}", "call_record", [column])


def downgrade() -> None:
    op.drop_table("call_record")
    op.drop_table("call_turn")

"""Operators take calls over: who asks for it, who is in a call, and since when."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    op.create_table(
        "call_leg",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text()),
        sa.Column("offer", sa.Text()),
        sa.Column("answer", sa.Text()),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("joined_at", sa.Double()),
        sa.Column("left_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_call_leg"),
    )
    for name in ("call_id", "user_key", "at"):
        op.create_index(f"ix_call_leg_{name}", "call_leg", [name])


def downgrade() -> None:
    op.drop_table("call_leg")

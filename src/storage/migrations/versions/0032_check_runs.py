"""Runs of the checks of a config file."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0034"


def upgrade() -> None:
    op.create_table(
        "check_run",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("checks", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double()),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_check_run"),
    )
    for name in ("user_key", "message_id", "started_at"):
        op.create_index(f"ix_check_run_{name}", "check_run", [name])


def downgrade() -> None:
    op.drop_table("check_run")

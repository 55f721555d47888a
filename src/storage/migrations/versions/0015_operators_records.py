"""Operators see records and change their status."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    for column in _columns():
        op.add_column("record", column)
    op.create_index("ix_record_record_id", "record", ["record_id"])
    op.create_index("ix_record_option_key", "record", ["option_key"])
    op.create_table(
        "option_place",
        sa.Column("option_key", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("option_key", name="pk_option_place"),
    )


def downgrade() -> None:
    op.drop_table("option_place")
    op.drop_index("ix_record_option_key", "record")
    op.drop_index("ix_record_record_id", "record")
    for column in reversed(_columns()):
        op.drop_column("record", column.name)


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("status", sa.Text()),
        sa.Column("notice", sa.Text()),
        sa.Column("problem", sa.Text()),
        sa.Column("changed_at", sa.Double()),
        sa.Column("deleted_at", sa.Double()),
        sa.Column("is_forgotten", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("option_key", sa.Text()),
        sa.Column("told", sa.Text()),
        sa.Column("record_id", sa.Text()),
        sa.Column("rev", sa.Integer(), server_default="1", nullable=False),
        sa.Column("synced_rev", sa.Integer(), server_default="0", nullable=False),
        sa.Column("retry_at", sa.Double()),
    ]

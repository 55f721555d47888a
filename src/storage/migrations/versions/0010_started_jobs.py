"""Starts of jobs without an end, states that could not be read, and since when time counts."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column(
        "lane", sa.Column("starts", sa.SmallInteger(), server_default="0", nullable=False)
    )
    op.add_column("lane", sa.Column("unreadable", sa.Text()))
    is_unreadable = sa.text("unreadable IS NOT NULL")
    op.create_index(
        "ix_lane_unreadable",
        "lane",
        ["name"],
        postgresql_where=is_unreadable,
        sqlite_where=is_unreadable,
    )
    op.add_column("timer", sa.Column("set_at", sa.Double(), server_default="0", nullable=False))
    op.add_column("budget", sa.Column("taken_at", sa.Double(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("budget", "taken_at")
    op.drop_column("timer", "set_at")
    op.drop_index("ix_lane_unreadable", "lane")
    op.drop_column("lane", "unreadable")
    op.drop_column("lane", "starts")

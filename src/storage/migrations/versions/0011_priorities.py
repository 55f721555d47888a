"""Priorities of lanes: people before timers and broadcasts."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

IS_SCHEDULED = sa.text("ready_at IS NOT NULL")


def upgrade() -> None:
    # Low, as for lanes that wait for a timer only: without a rewrite of the table.
    op.add_column(
        "lane", sa.Column("priority", sa.SmallInteger(), server_default="1", nullable=False)
    )
    _index(["pool", "priority", "ready_at"])


def downgrade() -> None:
    _index(["pool", "ready_at"])
    op.drop_column("lane", "priority")


def _index(columns: list[str]) -> None:
    """Index the lanes that wait for a time. Older versions use the new index as well."""
    op.drop_index("ix_lane_ready", "lane")
    op.create_index(
        "ix_lane_ready",
        "lane",
        columns,
        postgresql_where=IS_SCHEDULED,
        sqlite_where=IS_SCHEDULED,
    )

"""When a lane was used last."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    # Of the lanes that are there nobody knows: they count as used now, without being rewritten.
    now = sa.text(f"{time.time():.0f}")
    op.add_column("lane", sa.Column("used_at", sa.Double(), server_default=now, nullable=False))


def downgrade() -> None:
    op.drop_column("lane", "used_at")

"""When a person was seen last: a number that was silent for long may be somebody else's by now."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("users", sa.Column("seen_at", sa.Double()))
    # Of the people who are there nobody knows: they count as seen now.
    users = sa.table("users", sa.column("seen_at"))
    op.execute(users.update().values(seen_at=sa.literal(time.time())))


def downgrade() -> None:
    op.drop_column("users", "seen_at")

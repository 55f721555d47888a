"""When a person was told that a bot answers: the first message to somebody says so."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("users", sa.Column("introduced_at", sa.Double()))
    # People who are there know the bot: they count as told now.
    users = sa.table("users", sa.column("introduced_at"))
    op.execute(users.update().values(introduced_at=sa.literal(time.time())))


def downgrade() -> None:
    op.drop_column("users", "introduced_at")

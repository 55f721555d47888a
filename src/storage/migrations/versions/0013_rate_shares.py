"""Processes hold shares of a rate limit."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("budget", sa.Column("claims", sa.Text()))

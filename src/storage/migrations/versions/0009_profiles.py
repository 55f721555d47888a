"""Answers of people for which there is no column: one JSON object per person."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("users", sa.Column("profile", sa.Text()))


def downgrade() -> None:
    op.drop_column("users", "profile")

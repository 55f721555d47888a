"""Operators have the bot call a person by a tick in Airtable, and read what became of it."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    op.add_column("desk", sa.Column("call_result", sa.Text()))
    op.add_column("desk", sa.Column("call_taken", sa.Text()))


def downgrade() -> None:
    op.drop_column("desk", "call_taken")
    op.drop_column("desk", "call_result")

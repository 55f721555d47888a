"""Operators correct what is known of people, and confirm an erasure."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    for name in ("told", "correction", "reply_text", "erasure"):
        op.add_column("desk", sa.Column(name, sa.Text()))
    op.create_table(
        "change_log",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text()),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_change_log"),
    )
    op.create_index("ix_change_log_user_key", "change_log", ["user_key"])
    op.create_index("ix_change_log_at", "change_log", ["at"])
    # Each contact is written anew, with the fields that are new in Airtable.
    op.execute("UPDATE desk SET rev = rev + 1")


def downgrade() -> None:
    op.drop_table("change_log")
    for name in ("erasure", "reply_text", "correction", "told"):
        op.drop_column("desk", name)

"""The inbox: how long people wait for an operator, and messages for later."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0032"


def upgrade() -> None:
    op.create_table(
        "inbox_case",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.Double(), nullable=False),
        sa.Column("answered_at", sa.Double()),
        sa.Column("answered_by", sa.Text()),
        sa.Column("closed_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_inbox_case"),
    )
    op.create_index("ix_inbox_case_user_key", "inbox_case", ["user_key"])
    op.create_index("ix_inbox_case_opened_at", "inbox_case", ["opened_at"])
    is_open = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_inbox_case_open",
        "inbox_case",
        ["user_key"],
        unique=True,
        postgresql_where=is_open,
        sqlite_where=is_open,
    )
    op.create_table(
        "inbox_scheduled",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_inbox_scheduled"),
    )
    op.create_index("ix_inbox_scheduled_user_key", "inbox_scheduled", ["user_key"])


def downgrade() -> None:
    op.drop_table("inbox_scheduled")
    op.drop_table("inbox_case")

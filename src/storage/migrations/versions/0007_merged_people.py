"""Which rows turned out to be one person."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("users", sa.Column("merged_into", sa.Text()))
    is_merged = sa.text("merged_into IS NOT NULL")
    op.create_index(
        "ix_users_merged_into",
        "users",
        ["merged_into"],
        postgresql_where=is_merged,
        sqlite_where=is_merged,
    )


def downgrade() -> None:
    op.drop_index("ix_users_merged_into", "users")
    op.drop_column("users", "merged_into")

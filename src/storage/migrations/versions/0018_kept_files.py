"""Files that people sent as answers are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "kept_file",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mime_type", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text()),
        sa.Column("asked_at", sa.Double(), nullable=False),
        sa.Column("size", sa.Integer()),
        sa.Column("kept_at", sa.Double()),
        sa.Column("problem", sa.Text()),
        sa.Column("shown_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_kept_file"),
    )
    op.create_index("ix_kept_file_user_key", "kept_file", ["user_key"])
    is_unshown = sa.text("shown_at IS NULL")
    op.create_index(
        "ix_kept_file_unshown",
        "kept_file",
        ["asked_at"],
        postgresql_where=is_unshown,
        sqlite_where=is_unshown,
    )
    op.create_table(
        "kept_file_piece",
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("file_id", "number", name="pk_kept_file_piece"),
    )
    op.create_index("ix_kept_file_piece_user_key", "kept_file_piece", ["user_key"])


def downgrade() -> None:
    op.drop_table("kept_file_piece")
    op.drop_table("kept_file")

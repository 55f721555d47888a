"""Files of people are encrypted: which key each piece is encrypted with."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0041"


def upgrade() -> None:
    op.add_column("kept_file_piece", sa.Column("key_id", sa.Text()))
    op.create_index("ix_kept_file_piece_key_id", "kept_file_piece", ["key_id"])


def downgrade() -> None:
    op.drop_index("ix_kept_file_piece_key_id", "kept_file_piece")
    op.drop_column("kept_file_piece", "key_id")

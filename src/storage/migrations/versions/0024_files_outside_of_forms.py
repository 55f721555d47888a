"""Files that people send outside of forms: with which message, and until when they are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.add_column("kept_file", sa.Column("message_id", sa.Text()))
    op.add_column("kept_file", sa.Column("forget_at", sa.Double()))
    op.create_index("ix_kept_file_forget_at", "kept_file", ["forget_at"])


def downgrade() -> None:
    op.drop_index("ix_kept_file_forget_at", "kept_file")
    op.drop_column("kept_file", "forget_at")
    op.drop_column("kept_file", "message_id")

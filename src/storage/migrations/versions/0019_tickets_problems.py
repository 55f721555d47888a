"""What operators should know of a ticket: that nobody has answered it, say."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("ticket", sa.Column("problem", sa.Text()))


def downgrade() -> None:
    op.drop_column("ticket", "problem")

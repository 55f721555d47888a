"""Which broadcast a person was sent last."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("desk", sa.Column("broadcast_id", sa.Text()))


def downgrade() -> None:
    op.drop_column("desk", "broadcast_id")

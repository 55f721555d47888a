"""Which webhook a job belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("job", sa.Column("trace", sa.Text()))


def downgrade() -> None:
    op.drop_column("job", "trace")

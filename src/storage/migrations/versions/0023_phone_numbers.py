"""Phone numbers beside that of the settings."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    texts = ("tenant", "app", "account_id", "display", "label")
    op.create_table(
        "phone_number",
        sa.Column("id", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column("token", sa.Text()),
        sa.Column("messages_per_second", sa.Double()),
        sa.Column("added_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_phone_number"),
    )


def downgrade() -> None:
    op.drop_table("phone_number")

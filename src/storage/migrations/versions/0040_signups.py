"""Invitations to connect a number (Embedded Signup), and how far each is."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"

_TEXTS = ("tenant", "title", "step", "problem", "account_id", "number_id", "display")


def upgrade() -> None:
    op.create_table(
        "signup",
        sa.Column("id", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in _TEXTS),
        sa.Column("is_coexistent", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.Text()) for name in ("token", "pin")),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_signup"),
    )


def downgrade() -> None:
    op.drop_table("signup")

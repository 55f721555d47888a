"""Businesses beside that of the settings, what each runs with, and further apps of Meta."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "tenant",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("is_disabled", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tenant"),
    )
    op.create_table(
        "tenant_setting",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("tenant", "name", "content")),
        sa.PrimaryKeyConstraint("tenant", "name", name="pk_tenant_setting"),
    )
    op.create_table(
        "meta_app",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("former_secret", sa.Text()),
        sa.Column("verify_token", sa.Text(), nullable=False),
        sa.Column("added_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_meta_app"),
    )


def downgrade() -> None:
    for name in ("meta_app", "tenant_setting", "tenant"):
        op.drop_table(name)

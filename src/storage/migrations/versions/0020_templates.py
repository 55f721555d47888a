"""Message templates of each business account."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    texts = ("account_id", "name", "language", "meta_id", "status", "quality", "category")
    more = ("previous_category", "reason", "parameter_format", "components")
    op.create_table(
        "template",
        sa.Column("key", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in (*texts, *more)),
        sa.Column("category_changed_at", sa.Double()),
        sa.Column("paused_until", sa.Double()),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_template"),
    )
    op.create_index("ix_template_account_id", "template", ["account_id"])
    op.create_index("ix_template_meta_id", "template", ["meta_id"])


def downgrade() -> None:
    op.drop_table("template")

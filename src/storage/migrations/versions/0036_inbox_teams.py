"""The inbox: passkeys, browsers to tell, who is here, whose turn it is; answers for the FAQ."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    op.create_table(
        "inbox_passkey",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("operator_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("used_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_inbox_passkey"),
    )
    op.create_index("ix_inbox_passkey_operator_id", "inbox_passkey", ["operator_id"])
    op.create_table(
        "inbox_push",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("operator_id", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_inbox_push"),
    )
    op.create_index("ix_inbox_push_operator_id", "inbox_push", ["operator_id"])
    op.add_column("inbox_operator", sa.Column("seen_at", sa.Double()))
    op.add_column("inbox_operator", sa.Column("away_at", sa.Double()))
    op.add_column("inbox_thread", sa.Column("given_to", sa.Text()))
    op.add_column("inbox_thread", sa.Column("given_at", sa.Double()))
    op.create_index("ix_inbox_thread_given", "inbox_thread", ["given_to", "given_at"])
    op.add_column("inbox_message", sa.Column("price", sa.Text()))
    op.create_table(
        "faq_entry",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("also", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.Column("record_id", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_faq_entry"),
    )
    op.add_column("unanswered", sa.Column("settled_at", sa.Double()))
    op.create_index("ix_unanswered_settled_at", "unanswered", ["settled_at"])


def downgrade() -> None:
    op.drop_index("ix_unanswered_settled_at", "unanswered")
    op.drop_column("unanswered", "settled_at")
    op.drop_table("faq_entry")
    op.drop_column("inbox_message", "price")
    op.drop_index("ix_inbox_thread_given", "inbox_thread")
    op.drop_column("inbox_thread", "given_at")
    op.drop_column("inbox_thread", "given_to")
    op.drop_column("inbox_operator", "away_at")
    op.drop_column("inbox_operator", "seen_at")
    op.drop_table("inbox_push")
    op.drop_table("inbox_passkey")

"""Voice calls, one row for each."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "voice_call",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("phone_number_id", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("is_outgoing", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("owner", sa.Text()),
        sa.Column("alive_at", sa.Double()),
        sa.Column("language", sa.Text()),
        sa.Column("payload", sa.Text()),
        sa.Column("chosen", sa.Text(), nullable=False),
        sa.Column("offered_at", sa.Double(), nullable=False),
        sa.Column("pre_accepted_at", sa.Double()),
        sa.Column("connected_at", sa.Double()),
        sa.Column("accepted_at", sa.Double()),
        sa.Column("ended_at", sa.Double()),
        sa.Column("meta_status", sa.Text()),
        sa.Column("meta_started_at", sa.Double()),
        sa.Column("meta_ended_at", sa.Double()),
        sa.Column("duration", sa.Integer()),
        sa.Column("error", sa.Integer()),
        sa.Column("heard_seconds", sa.Double()),
        sa.Column("said_seconds", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_voice_call"),
    )
    for name in ("user_key", "state", "offered_at"):
        op.create_index(f"ix_voice_call_{name}", "voice_call", [name])


def downgrade() -> None:
    op.drop_table("voice_call")

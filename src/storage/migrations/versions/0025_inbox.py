"""The inbox: conversations, their messages, operators and what they did."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    _make_messages()
    _make_threads()
    _make_operators()


def _make_messages() -> None:
    op.create_table(
        "inbox_message",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text()) for name in _MESSAGE_TEXTS),
        sa.Column("rank", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("error", sa.Text()),
        sa.Column("edited_at", sa.Double()),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_inbox_message"),
    )
    op.create_index("ix_inbox_message_at", "inbox_message", ["at"])
    op.create_index("ix_inbox_message_thread", "inbox_message", ["user_key", "at"])


_MESSAGE_TEXTS = ("text", "quotes", "author", "media_id", "media_type", "status")


def _make_threads() -> None:
    op.create_table(
        "inbox_thread",
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("phone_number_id", sa.Text(), nullable=False),
        sa.Column("last_at", sa.Double(), nullable=False),
        sa.Column("last_text", sa.Text()),
        sa.Column("last_direction", sa.Text(), nullable=False),
        sa.Column("unread", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("waiting_since", sa.Double()),
        sa.Column("assigned_to", sa.Text()),
        sa.Column("found_by", sa.Text()),
        sa.Column("rev", sa.Integer(), nullable=False, server_default="1"),
        sa.PrimaryKeyConstraint("user_key", name="pk_inbox_thread"),
    )
    op.create_index("ix_inbox_thread_last_at", "inbox_thread", ["last_at"])
    waits = sa.text("waiting_since IS NOT NULL")
    op.create_index(
        "ix_inbox_thread_waiting",
        "inbox_thread",
        ["waiting_since"],
        postgresql_where=waits,
        sqlite_where=waits,
    )


def _make_operators() -> None:
    op.create_table(
        "inbox_operator",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("revoked_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_inbox_operator"),
    )
    op.create_table(
        "inbox_session",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("operator_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_inbox_session"),
    )
    op.create_table(
        "inbox_audit",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_inbox_audit"),
    )
    for table, column in (
        ("inbox_session", "operator_id"),
        ("inbox_session", "expires_at"),
        ("inbox_audit", "user_key"),
        ("inbox_audit", "at"),
    ):
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    for name in ("audit", "session", "operator", "thread", "message"):
        op.drop_table(f"inbox_{name}")

"""Notifications of other systems, their batches and keys; when Meta accepted a message."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

_WAITS, _HAS_WORDS = sa.text("stage = 'waiting'"), sa.text("recipient != ''")
_IS_FIRST = sa.text("retry_of IS NULL")


def upgrade() -> None:
    op.add_column("delivery", sa.Column("accepted_at", sa.Double()))
    _make_notifications()
    op.create_table(
        "notification_batch",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text()),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notification_batch"),
    )
    op.create_index("ix_notification_batch_created_at", "notification_batch", ["created_at"])
    key = ["tenant", "idempotency_key"]
    op.create_index("uq_notification_batch_key", "notification_batch", key, unique=True)
    op.create_table(
        "api_key",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Double(), nullable=name != "created_at") for name in _KEY_TIMES),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
    )


_KEY_TIMES = ("created_at", "expires_at", "revoked_at", "used_at")


def _make_notifications() -> None:
    op.create_table(
        "notification",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text()),
        sa.Column("retry_of", sa.Text()),
        sa.Column("template", sa.Text()),
        sa.Column("language", sa.Text()),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("content", sa.Text()),
        sa.Column("caller_data", sa.Text()),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("send_at", sa.Double()),
        sa.Column("expires_at", sa.Double()),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("left_at", sa.Double()),
        sa.Column("problems", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_notification"),
        sa.UniqueConstraint("retry_of", name="uq_notification_retry_of"),
    )
    for name in ("batch", "user_key", "reference", "created_at"):
        op.create_index(f"ix_notification_{name}", "notification", [name])
    _partial("ix_notification_waiting", ["tenant", "due_at"], _WAITS)
    _partial("ix_notification_words", ["left_at"], _HAS_WORDS)
    _partial("uq_notification_reference", ["tenant", "reference"], _IS_FIRST, unique=True)


def _partial(name: str, columns: list[str], where: sa.TextClause, *, unique: bool = False) -> None:
    op.create_index(
        name,
        "notification",
        columns,
        unique=unique,
        postgresql_where=where,
        sqlite_where=where,
    )


def downgrade() -> None:
    for name in ("api_key", "notification_batch", "notification"):
        op.drop_table(name)
    op.drop_column("delivery", "accepted_at")

"""The inbox: whose conversations are whose, and which are unread, without a look at all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    filters = {
        "assigned": (["assigned_to", "last_at"], "assigned_to IS NOT NULL"),
        "unread": (["last_at"], "unread > 0"),
    }
    for name, (columns, condition) in filters.items():
        is_in = sa.text(condition)
        op.create_index(
            f"ix_inbox_thread_{name}",
            "inbox_thread",
            columns,
            postgresql_where=is_in,
            sqlite_where=is_in,
        )


def downgrade() -> None:
    for name in ("unread", "assigned"):
        op.drop_index(f"ix_inbox_thread_{name}", "inbox_thread")

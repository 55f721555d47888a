"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_lanes()
    _create_people()
    _create_sending()


def downgrade() -> None:
    for table in ("media", "budget", "delivery", "record", "users", "timer", "lane", "job"):
        op.drop_table(table)


def _create_lanes() -> None:
    op.create_table(
        "job",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("key", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sa.UniqueConstraint("key", name="uq_job_key"),
        sqlite_autoincrement=True,
    )
    _create_partial_index("ix_job_todo", "job", ["lane", "id"], "state = 0")
    _create_partial_index("ix_job_dead", "job", ["id"], "state = 2")
    op.create_table(
        "lane",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("ready_at", sa.Double()),
        sa.Column("not_before", sa.Double()),
        sa.Column("owner", sa.Text()),
        sa.Column("wake", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("state", sa.Text()),
        sa.PrimaryKeyConstraint("name", name="pk_lane"),
        postgresql_with={"fillfactor": 70, "autovacuum_vacuum_scale_factor": 0.02},
    )
    _create_partial_index("ix_lane_ready", "lane", ["pool", "ready_at"], "ready_at IS NOT NULL")
    op.create_table(
        "timer",
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("lane", "name", name="pk_timer"),
    )


def _create_people() -> None:
    op.create_table(
        "users",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text()),
        sa.Column("wa_id", sa.Text()),
        sa.Column("profile_name", sa.Text()),
        sa.Column("language", sa.Text()),
        sa.Column("full_name", sa.Text()),
        sa.Column("id_type", sa.Text()),
        sa.Column("id_number", sa.Text()),
        sa.Column("birth_date", sa.Date()),
        sa.Column("about", sa.Text()),
        sa.Column("consent_at", sa.Double()),
        sa.Column("consent_version", sa.Text()),
        sa.Column("registered_at", sa.Double()),
        sa.Column("opted_out_at", sa.Double()),
        sa.PrimaryKeyConstraint("key", name="pk_users"),
        sa.UniqueConstraint("user_id", name="uq_users_user_id"),
        sa.UniqueConstraint("wa_id", name="uq_users_wa_id"),
    )
    op.create_table(
        "record",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("collection", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_record"),
    )
    op.create_index("ix_record_collection", "record", ["collection"])
    op.create_index("ix_record_user_key", "record", ["user_key"])


def _create_sending() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("wamid", sa.Text()),
        sa.Column("user_key", sa.Text()),
        sa.Column("kind", sa.Text()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("error_code", sa.Integer()),
        sa.Column("error_text", sa.Text()),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("sent_at", sa.Double()),
        sa.Column("delivered_at", sa.Double()),
        sa.Column("read_at", sa.Double()),
        sa.Column("failed_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
    )
    op.create_index("ix_delivery_wamid", "delivery", ["wamid"])
    op.create_index("ix_delivery_created_at", "delivery", ["created_at"])
    op.create_table(
        "budget",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("next_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_budget"),
    )
    op.create_table(
        "media",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("media_id", sa.Text(), nullable=False),
        sa.Column("uploaded_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_media"),
    )


def _create_partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, postgresql_where=condition, sqlite_where=condition)

"""Statistics: what each day came to, which any change of one of its messages makes stale."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"

#: Days since 1970; SQLite cuts what PostgreSQL rounds.
_DAY_OF = {
    "sqlite": "CAST({0}.counted_at / 86400 AS INTEGER)",
    "postgresql": "CAST(floor({0}.counted_at / 86400) AS INTEGER)",
}
_STALE = "UPDATE delivery_day SET state = 0 WHERE label = {0}.label AND day = {1} AND state > 0; "
_NEW = (
    "INSERT INTO delivery_day (label, day, state) VALUES ({0}.label, {1}, 0) "
    "ON CONFLICT (label, day) DO NOTHING; "
)
#: What makes a day stale: its event, the row that tells the day, and what is done.
_TRIGGERS = {
    "added": ("INSERT", "NEW", _STALE + _NEW),
    "changed": ("UPDATE", "OLD", _STALE),
    "gone": ("DELETE", "OLD", _STALE),
}


def upgrade() -> None:
    op.create_table(
        "delivery_day",
        sa.Column("label", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("content", sa.Text()),
        sa.PrimaryKeyConstraint("label", "day", name="pk_delivery_day"),
    )
    dialect = op.get_bind().dialect.name
    day_of = _DAY_OF[dialect]
    op.execute(
        "INSERT INTO delivery_day (label, day, state) "
        f"SELECT DISTINCT label, {day_of.format('delivery')}, 0 FROM delivery "
        "WHERE label IS NOT NULL"
    )
    for name, (event, row, action) in _TRIGGERS.items():
        does = action.format(row, day_of.format(row))
        if dialect == "postgresql":
            _make_function(name, does)
            does = f"EXECUTE FUNCTION delivery_day_{name}()"
        else:
            does = f"BEGIN {does}END"
        op.execute(
            f"CREATE TRIGGER delivery_day_{name} AFTER {event} ON delivery "
            f"FOR EACH ROW WHEN ({row}.label IS NOT NULL) {does}"
        )


def _make_function(name: str, does: str) -> None:
    op.execute(
        f"CREATE OR REPLACE FUNCTION delivery_day_{name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$BEGIN {does}RETURN NULL; END$$"
    )


def downgrade() -> None:
    for name in _TRIGGERS:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP TRIGGER delivery_day_{name} ON delivery")
            op.execute(f"DROP FUNCTION delivery_day_{name}()")
        else:
            op.execute(f"DROP TRIGGER delivery_day_{name}")
    op.drop_table("delivery_day")

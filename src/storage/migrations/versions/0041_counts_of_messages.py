"""Statistics: triggers count each change of a message, instead of marking its day as stale."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0043"

#: What the databases write in different ways: rounding down, and who writes.
_SQLITE = {"floor": "CAST({} AS INTEGER)", "writer": "0"}
_POSTGRESQL = {"floor": "CAST(floor({}) AS BIGINT)", "writer": "pg_backend_pid()"}

#: Seconds from which on delays are rounded, to 3 %; and the most bits that are told apart.
_EXACT_SECONDS, _MOST_BITS = 60, 31

#: What a message is counted as, `r` being its row: its kind, and how long it took; with the columns
#: that have to be there for it, and others that it depends on.
_COUNTED = {
    "kind": (
        "r.status || ':' || coalesce(CAST(r.error_code AS TEXT), '') || ':' || "
        "CASE WHEN r.is_held THEN '1' ELSE '' END || ':' || coalesce(r.pricing, '')",
        ("status",),
        ("error_code", "is_held", "pricing"),
    ),
    "to_delivered": ("r.delivered_at", ("delivered_at", "accepted_at"), ()),
    "to_read": ("r.read_at", ("read_at", "accepted_at"), ()),
}
#: What is still read message by message.
_INDEXES = {
    "ix_delivery_counted": "label IS NOT NULL",
    "ix_delivery_pending": "label IS NOT NULL AND status = 'pending'",
}
#: What the index had that answered statistics before.
_FORMER_COLUMNS = ("label", "counted_at", "status", "error_code", "pricing")
_FORMER_TIMES = ("is_held", "accepted_at", "delivered_at", "read_at")
_EVENTS = ("added", "changed", "gone")


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    spelled = _POSTGRESQL if dialect == "postgresql" else _SQLITE
    for name in _EVENTS:
        _drop_trigger(f"delivery_day_{name}")
    op.drop_table("delivery_day")
    op.drop_index("ix_delivery_counted", "delivery")
    op.create_table(
        "delivery_day",
        sa.Column("label", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("whole", sa.Text(), nullable=False),
        sa.Column("hours", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("label", "day", name="pk_delivery_day"),
    )
    op.create_table(
        "delivery_count",
        sa.Column("label", sa.BigInteger(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("writer", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("label", "hour", "name", "writer", name="pk_delivery_count"),
        sqlite_with_rowid=False,
        # Room beside each row: its next version stays on the page, and leaves no index entry.
        postgresql_with={"fillfactor": 50},
    )
    for name in _COUNTED:
        _make_triggers(name, dialect, spelled)
    for name, where in _INDEXES.items():
        is_it = sa.text(where)
        columns = ["label", "counted_at"]
        op.create_index(name, "delivery", columns, postgresql_where=is_it, sqlite_where=is_it)
    # What is there already. With PostgreSQL, the triggers lock others out until this is committed.
    for name in _COUNTED:
        op.execute(_add(name, "delivery", "1", spelled, "GROUP BY 1, 2, 3"))


def _make_triggers(name: str, dialect: str, spelled: dict[str, str]) -> None:
    _, needed, others = _COUNTED[name]
    differs = "IS DISTINCT FROM" if dialect == "postgresql" else "IS NOT"
    columns = (*needed, *others, "label", "counted_at")
    changes = (f"OLD.{one} {differs} NEW.{one}" for one in columns)
    is_old, is_new = (_is_there(name, row) for row in ("OLD", "NEW"))
    less, more = (_add(name, row, number, spelled) for row, number in (("OLD", "-1"), ("NEW", "1")))
    _trigger(f"{name}_added", "INSERT", is_new, [more], dialect)
    _trigger(f"{name}_gone", "DELETE", is_old, [less], dialect)
    is_counted = f"({is_old} OR {is_new}) AND ({' OR '.join(changes)})"
    _trigger(f"{name}_changed", "UPDATE", is_counted, [less, more], dialect)


def _is_there(name: str, row: str) -> str:
    """Return whether a row is counted as this."""
    return " AND ".join(f"{row}.{one} IS NOT NULL" for one in ("label", *_COUNTED[name][1]))


def _add(name: str, row: str, number: str, spelled: dict[str, str], grouped: str = "") -> str:
    """Return a statement that adds a number for a row; with `grouped`, for all rows of a table."""
    counted = _COUNTED[name][0] if name == "kind" else _delay(name, spelled)
    hour = spelled["floor"].format("r.counted_at / 3600")
    number, source = ("count(*)", f" FROM {row}") if grouped else (number, "")
    selected = (
        f"SELECT r.label, {hour}, {counted}, {spelled['writer']}, {number}{source} "
        f"WHERE {_is_there(name, 'r')} {grouped} "
    )
    return (
        "INSERT INTO delivery_count (label, hour, name, writer, number) "
        + selected.replace("r.", f"{row}.")
        + "ON CONFLICT (label, hour, name, writer) "
        "DO UPDATE SET number = delivery_count.number + excluded.number"
    )


def _delay(name: str, spelled: dict[str, str]) -> str:
    seconds = spelled["floor"].format(f"({_COUNTED[name][0]} - r.accepted_at)")
    arms = [f"WHEN {seconds} < 0 THEN 0", f"WHEN {seconds} < {_EXACT_SECONDS} THEN {seconds}"]
    for bits in range(_EXACT_SECONDS.bit_length(), _MOST_BITS):
        unit = 1 << (bits - 5)
        rounded = f"({seconds} + {unit // 2}) / {unit} * {unit}"
        arms.append(f"WHEN {seconds} < {1 << bits} THEN {rounded}")
    unit = 1 << (_MOST_BITS - 5)
    last = f"ELSE ({seconds} + {unit // 2}) / {unit} * {unit}"
    return f"'{name}:' || CAST(CASE {' '.join(arms)} {last} END AS TEXT)"


def _trigger(name: str, event: str, when: str, does: list[str], dialect: str) -> None:
    name, statements = f"delivery_count_{name}", "; ".join(does)
    if dialect == "postgresql":
        op.execute(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$BEGIN {statements}; RETURN NULL; END$$"
        )
        body = f"EXECUTE FUNCTION {name}()"
    else:
        body = f"BEGIN {statements}; END"
    op.execute(f"CREATE TRIGGER {name} AFTER {event} ON delivery FOR EACH ROW WHEN ({when}) {body}")


def _drop_trigger(name: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP TRIGGER {name} ON delivery")
        op.execute(f"DROP FUNCTION {name}()")
    else:
        op.execute(f"DROP TRIGGER {name}")


def downgrade() -> None:
    for name in _COUNTED:
        for event in _EVENTS:
            _drop_trigger(f"delivery_count_{name}_{event}")
    op.drop_table("delivery_count")
    op.drop_table("delivery_day")
    for name in _INDEXES:
        op.drop_index(name, "delivery")
    op.create_index(
        "ix_delivery_counted",
        "delivery",
        [*_FORMER_COLUMNS, *_FORMER_TIMES],
        postgresql_where=sa.text("label IS NOT NULL"),
        sqlite_where=sa.text("label IS NOT NULL"),
    )
    environment = op.get_context().environment_context
    assert environment is not None
    environment.script.get_revision("0037").module.upgrade()

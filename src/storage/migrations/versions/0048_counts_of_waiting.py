"""Statistics: triggers count the notifications that wait, so that they are not read one by one."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"

#: What is told apart, with the column of a notification. Keys have no NULL.
_KEY = {
    "tenant": "r.tenant",
    "batch": "r.batch",
    "source": "r.source",
    "template": "coalesce(r.template, '')",
    "language": "coalesce(r.language, '')",
    "category": "r.category",
    "created_at": "r.created_at",
    "send_at": "coalesce(r.send_at, 0)",
}
_DEPENDS_ON = (*_KEY, "stage")
_EVENTS = {"added": "INSERT", "changed": "UPDATE", "gone": "DELETE"}


def upgrade() -> None:
    text = ("tenant", "batch", "source", "template", "language", "category")
    op.create_table(
        "notification_waiting",
        *(sa.Column(name, sa.Text(), nullable=False) for name in text),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("send_at", sa.Double(), nullable=False),
        sa.Column("writer", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(*_KEY, "writer", name="pk_notification_waiting"),
        sqlite_with_rowid=False,
        postgresql_with={"fillfactor": 50},
    )
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    (_postgresql_triggers if is_postgresql else _sqlite_triggers)()
    # What waits already. With PostgreSQL, the triggers lock others out until this is committed.
    every = "(SELECT 1 AS sign, n.* FROM notification AS n)"
    op.execute(_add(every, "pg_backend_pid()" if is_postgresql else "0"))


def _add(source: str, writer: str) -> str:
    """Return a statement that adds the waiting ones of some rows, each with its sign, 1 or -1."""
    groups = ", ".join(str(place) for place in range(1, len(_KEY) + 1))
    selected = (
        f"SELECT {', '.join(_KEY.values())}, {writer}, sum(r.sign) FROM {source} AS r "
        f"WHERE r.stage = 'waiting' GROUP BY {groups} HAVING sum(r.sign) <> 0"
    )
    return _upsert(selected)


def _upsert(selected: str) -> str:
    return (
        f"INSERT INTO notification_waiting ({', '.join(_KEY)}, writer, number) {selected} "
        f"ON CONFLICT ({', '.join(_KEY)}, writer) "
        "DO UPDATE SET number = notification_waiting.number + excluded.number"
    )


def _sqlite_triggers() -> None:
    """One row at a time. A counter that has come to nothing goes at once: nobody else writes."""
    changes = " OR ".join(f"OLD.{one} IS NOT NEW.{one}" for one in _DEPENDS_ON)
    less, more = _of_row("OLD", "-1"), _of_row("NEW", "1")
    _sqlite_trigger("added", "NEW.stage = 'waiting'", [more])
    _sqlite_trigger("gone", "OLD.stage = 'waiting'", [less, _empty()])
    is_it = f"(OLD.stage = 'waiting' OR NEW.stage = 'waiting') AND ({changes})"
    _sqlite_trigger("changed", is_it, [less, more, _empty()])


def _of_row(row: str, number: str) -> str:
    values = ", ".join(_KEY.values()).replace("r.", f"{row}.")
    return _upsert(f"SELECT {values}, 0, {number} WHERE {row}.stage = 'waiting'")


def _empty() -> str:
    is_it = " AND ".join(f"{name} = {of}" for name, of in _KEY.items()).replace("r.", "OLD.")
    return f"DELETE FROM notification_waiting WHERE {is_it} AND number = 0"


def _sqlite_trigger(name: str, when: str, does: list[str]) -> None:
    op.execute(
        f"CREATE TRIGGER notification_waiting_{name} AFTER {_EVENTS[name]} ON notification "
        f"FOR EACH ROW WHEN ({when}) BEGIN {'; '.join(does)}; END"
    )


def _postgresql_triggers() -> None:
    """All rows of a statement at once. Each connection has counters of its own."""
    before, after = (
        "SELECT -1 AS sign, b.* FROM before AS b",
        "SELECT 1 AS sign, a.* FROM after AS a",
    )
    sources = {"added": after, "gone": before, "changed": f"{before} UNION ALL {after}"}
    tables = {"added": {"NEW": "after"}, "gone": {"OLD": "before"}}
    tables["changed"] = tables["added"] | tables["gone"]
    for name, event in _EVENTS.items():
        named = " ".join(f"{kind} TABLE AS {table}" for kind, table in tables[name].items())
        name_of = f"notification_waiting_{name}"
        op.execute(
            f"CREATE OR REPLACE FUNCTION {name_of}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$BEGIN {_add(f'({sources[name]})', 'pg_backend_pid()')}; RETURN NULL; END$$"
        )
        op.execute(
            f"CREATE TRIGGER {name_of} AFTER {event} ON notification REFERENCING {named} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name_of}()"
        )


def downgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for name in _EVENTS:
        on = " ON notification" if is_postgresql else ""
        op.execute(f"DROP TRIGGER notification_waiting_{name}{on}")
        if is_postgresql:
            op.execute(f"DROP FUNCTION notification_waiting_{name}()")
    op.drop_table("notification_waiting")

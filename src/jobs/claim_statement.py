"""The SQL statement that claims lanes. Its cost is that of the lanes it takes, whatever is due."""

from functools import cache

from sqlalchemy import (
    ColumnElement,
    Double,
    Integer,
    Select,
    SmallInteger,
    Update,
    any_,
    bindparam,
    func,
    select,
    union_all,
    update,
)

from jobs.model import Priority
from jobs.tables import lane
from storage.engine.compiled import CompiledStatement

_now = bindparam("now", type_=Double)


@cache
def claim_lanes(pools: tuple[str, ...]) -> CompiledStatement:
    """Claim at most `limit` due lanes for `token`; return a `ClaimedRow` of each.

    Those of the priority `first` go before the others, and of one priority the oldest; none that
    was due before `since`.
    """

    def build(dialect: str) -> Update:
        return (
            update(lane)
            .where(is_among(dialect, _due_lanes(pools)))
            .values(
                owner=bindparam("token"),
                ready_at=bindparam("until", type_=Double),
                wake=False,
                used_at=_now,
                starts=lane.c.starts + 1,
            )
            .returning(lane.c.name, lane.c.state, lane.c.starts, lane.c.priority)
        )

    return CompiledStatement(build, name=f"claim({','.join(pools)})")


def _due_lanes(pools: tuple[str, ...]) -> Select[tuple[str]]:
    """Select the names of due lanes. Each class is read in the order of the index, to the limit.

    Asked for all classes at once, PostgreSQL reads and sorts every lane that is due.
    """
    limit = bindparam("limit", type_=Integer)
    classes = []
    for pool in pools:
        for priority in Priority:
            is_due = (
                lane.c.pool == pool,
                lane.c.priority == priority.value,
                lane.c.ready_at <= _now,
                lane.c.ready_at >= bindparam("since", type_=Double),
            )
            some = select(lane.c.name, lane.c.priority, lane.c.ready_at).where(*is_due)
            some = some.order_by(lane.c.ready_at).limit(limit)
            classes.append(select(some.with_for_update(skip_locked=True).subquery()))
    due = union_all(*classes).subquery()
    distance = func.abs(due.c.priority - bindparam("first", type_=SmallInteger))
    return select(due.c.name).order_by(distance, due.c.ready_at).limit(limit)


def is_among(
    dialect: str, names: Select[tuple[str]], name: ColumnElement[str] = lane.c.name
) -> ColumnElement[bool]:
    """Return whether a lane is one of these. As an array, PostgreSQL looks up each by its name."""
    if dialect == "sqlite":
        return name.in_(names)
    return name == any_(func.array(names.scalar_subquery()))

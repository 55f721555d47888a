"""Rate limits that all processes share: one row per limit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from sqlalchemy import (
    Column,
    Connection,
    Double,
    Integer,
    Table,
    Text,
    bindparam,
    case,
    func,
    select,
    update,
)
from sqlalchemy.sql.expression import Insert, Update

from storage.engine.compiled import CompiledStatement
from storage.engine.database import insert_for, metadata
from storage.engine.group_commit import Operation
from utils.elapsed import CLOCK_TOLERANCE_SECONDS

budget = Table(
    "budget",
    metadata,
    Column("name", Text, primary_key=True),
    #: time of the next free slot, in seconds since 1970
    Column("next_at", Double, nullable=False),
    #: time of the last reservation, from which `next_at` counts
    Column("taken_at", Double, nullable=False, server_default="0"),
    #: shares that processes hold, as JSON: see rate_shares.py
    Column("claims", Text),
    #: how often Meta asked to slow down lately, and when it did last
    Column("halvings", Integer, nullable=False, server_default="0"),
    Column("slowed_at", Double),
)

#: Time in which several refusals count as one, and after which one is forgotten, in seconds.
SAME_REFUSAL_SECONDS, FORGET_SECONDS = 5.0, 60.0
#: Most halvings of the speed of bulk messages.
MAX_HALVINGS = 4


_now = bindparam("now", type_=Double)


def _later(dialect: str, one: Any, other: Any) -> Any:
    return func.max(one, other) if dialect == "sqlite" else func.greatest(one, other)


#: The next free slot. If a clock that was ahead reserved the last one, it counts from now.
next_free_at = case(
    (
        budget.c.taken_at > bindparam("latest", type_=Double),
        budget.c.next_at - (budget.c.taken_at - _now),
    ),
    else_=budget.c.next_at,
)


@CompiledStatement
def make_budget(dialect: str) -> Insert:
    new = insert_for(dialect, budget).values(name=bindparam("name"), next_at=bindparam("now"))
    return new.on_conflict_do_nothing()


@CompiledStatement
def _take(dialect: str) -> Update:
    free = _later(dialect, next_free_at, _now)
    return (
        update(budget)
        .where(budget.c.name == bindparam("of"))
        .values(next_at=free + bindparam("seconds", type_=Double), taken_at=_now)
        .returning(budget.c.next_at)
    )


@CompiledStatement
def _hold(dialect: str) -> Update:
    until = _later(dialect, next_free_at, bindparam("until", type_=Double))
    is_it = budget.c.name == bindparam("of")
    return update(budget).where(is_it).values(next_at=until, taken_at=_now)


@CompiledStatement
def _slow_down(dialect: str) -> Update:
    values: dict[str, Any] = {
        "halvings": bindparam("new_halvings", type_=Integer),
        "slowed_at": bindparam("at", type_=Double),
    }
    return update(budget).where(budget.c.name == bindparam("of")).values(values)


@dataclass(frozen=True, slots=True)
class ReserveSlots(Operation[float]):
    """Reserves the next `count` slots of a limit of `per_second`.

    The result is the number of seconds until the first slot; the others follow at even distances.
    """

    name: str
    count: int
    per_second: float
    rank: ClassVar[int] = 3

    @classmethod
    def run(cls, operations: Sequence[Self], connection: Connection, now: float) -> Sequence[float]:
        ahead = {}
        # In one order of names, so that processes never wait for each other.
        for place, one in sorted(enumerate(operations), key=lambda pair: pair[1].name):
            make_budget.run(connection, name=one.name, now=now)
            seconds = one.count / one.per_second
            [[next_at]] = _take.fetch(connection, of=one.name, seconds=seconds, **times(now))
            ahead[place] = float(next_at) - seconds - now
        return [ahead[place] for place in range(len(operations))]


def times(now: float) -> dict[str, float]:
    """Return the parameters of `next_free_at`."""
    return {"now": now, "latest": now + CLOCK_TOLERANCE_SECONDS}


def block_until(connection: Connection, now: float, name: str, *, seconds: float) -> None:
    """Reserve no slot of a limit for some seconds: Meta asks for a pause."""
    _hold.run(connection, of=name, until=now + seconds, **times(now))
    halvings, slowed_at = _slowness(connection, name)
    if slowed_at is not None and 0 <= now - slowed_at < SAME_REFUSAL_SECONDS:
        return
    lately = min(_left(halvings, slowed_at, now) + 1, MAX_HALVINGS)
    _slow_down.run(connection, of=name, new_halvings=lately, at=now)


def slowdown(connection: Connection, now: float, name: str) -> float:
    """Return the part of its usual speed at which bulk may use a limit: 1, 1/2, 1/4 …"""
    return 0.5 ** _left(*_slowness(connection, name), now)


def _slowness(connection: Connection, name: str) -> tuple[int, float | None]:
    columns = select(budget.c.halvings, budget.c.slowed_at).where(budget.c.name == name)
    row = connection.execute(columns).first()
    return (0, None) if row is None else (row.halvings, row.slowed_at)


def _left(halvings: int, slowed_at: float | None, now: float) -> int:
    if slowed_at is None or now < slowed_at:
        return halvings
    return max(0, halvings - int((now - slowed_at) // FORGET_SECONDS))

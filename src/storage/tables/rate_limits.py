"""Rate limits that all processes share: one row per limit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from sqlalchemy import Column, Connection, Double, Table, Text, bindparam, func, update
from sqlalchemy.sql.expression import Insert, Update

from storage.engine.compiled import CompiledStatement
from storage.engine.database import insert_for, metadata
from storage.engine.group_commit import Operation

budget = Table(
    "budget",
    metadata,
    Column("name", Text, primary_key=True),
    #: time of the next free slot, in seconds since 1970
    Column("next_at", Double, nullable=False),
    #: shares that processes hold, as JSON: see rate_shares.py
    Column("claims", Text),
)


def _later(dialect: str, one: Any, other: Any) -> Any:
    return func.max(one, other) if dialect == "sqlite" else func.greatest(one, other)


@CompiledStatement
def make_budget(dialect: str) -> Insert:
    new = insert_for(dialect, budget).values(name=bindparam("name"), next_at=bindparam("now"))
    return new.on_conflict_do_nothing()


@CompiledStatement
def _take(dialect: str) -> Update:
    free = _later(dialect, budget.c.next_at, bindparam("now", type_=Double))
    return (
        update(budget)
        .where(budget.c.name == bindparam("of"))
        .values(next_at=free + bindparam("seconds", type_=Double))
        .returning(budget.c.next_at)
    )


@CompiledStatement
def _hold(dialect: str) -> Update:
    until = _later(dialect, budget.c.next_at, bindparam("until", type_=Double))
    return update(budget).where(budget.c.name == bindparam("of")).values(next_at=until)


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
            [[next_at]] = _take.fetch(connection, of=one.name, now=now, seconds=seconds)
            ahead[place] = float(next_at) - seconds - now
        return [ahead[place] for place in range(len(operations))]


def block_until(connection: Connection, now: float, name: str, *, seconds: float) -> None:
    """Reserve no slot of a limit for some seconds: Meta asks for a pause."""
    _hold.run(connection, of=name, until=now + seconds)

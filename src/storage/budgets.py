"""Limits that all processes share: so many per second of something, counted in one row."""

from sqlalchemy import Column, Connection, Double, Table, Text, func, update

from storage.database import insert, metadata

budget = Table(
    "budget",
    metadata,
    Column("name", Text, primary_key=True),
    #: the first moment that nobody has reserved yet
    Column("next_at", Double, nullable=False),
)


def reserve(
    connection: Connection, now: float, name: str, *, count: int, per_second: float
) -> float:
    """Take the next `count` places of a line that moves at `per_second`.

    Returns for how many seconds from now the first of them is still ahead; the others follow at
    even distances.
    """
    made = insert(connection, budget).values(name=name, next_at=now).on_conflict_do_nothing()
    connection.execute(made)
    later = func.max if connection.dialect.name == "sqlite" else func.greatest
    moved = (
        update(budget)
        .where(budget.c.name == name)
        .values(next_at=later(budget.c.next_at, now) + count / per_second)
        .returning(budget.c.next_at)
    )
    return float(connection.execute(moved).scalar_one()) - count / per_second - now


def hold_back(connection: Connection, now: float, name: str, *, seconds: float) -> None:
    """Let nobody pass for a while: Meta says that we are too fast."""
    later = func.max if connection.dialect.name == "sqlite" else func.greatest
    until = later(budget.c.next_at, now + seconds)
    connection.execute(update(budget).where(budget.c.name == name).values(next_at=until))

"""Token usage of the assistant per day (UTC): of each person, and of all people together."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Insert,
    Integer,
    Select,
    Table,
    Text,
    bindparam,
    delete,
    select,
)

from storage.engine.compiled import CompiledStatement
from storage.engine.database import insert_for, metadata
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import Write
from storage.person_rows import PURGE_BATCH, delete_rows, leave_rows
from storage.person_table import declare_person_table

#: Key of the rows that count for all people together.
ALL = "*"
#: The numbers hold no content; they are kept for statistics.
KEEP_TOKEN_USAGE = timedelta(days=90)

spending = Table(
    "spending",
    metadata,
    #: day and person
    Column("id", Text, primary_key=True),
    Column("day", Text, nullable=False, index=True),
    Column("user_key", Text, nullable=False, index=True),
    Column("tokens", Integer, nullable=False),
)


def purge_old(connection: Connection, now: float, *, keep: timedelta = KEEP_TOKEN_USAGE) -> int:
    """Delete a batch of the rows of older days; returns how many, 0 when none is left."""
    before = _day(datetime.fromtimestamp(now, UTC) - keep)
    old = select(spending.c.id).where(spending.c.day < before).order_by(spending.c.day)
    is_old = spending.c.id.in_(old.limit(PURGE_BATCH))
    return connection.execute(delete(spending).where(is_old)).rowcount


declare_person_table(
    spending, on_erase=delete_rows, on_merge=leave_rows, on_forget=None, purge=purge_old
)


@CompiledStatement
def _add(dialect: str) -> Insert:
    new = insert_for(dialect, spending).values(
        id=bindparam("row_key"),
        day=bindparam("day"),
        user_key=bindparam("user_key"),
        tokens=bindparam("tokens"),
    )
    total = {"tokens": spending.c.tokens + new.excluded.tokens}
    return new.on_conflict_do_update(index_elements=["id"], set_=total)


@CompiledStatement
def _spent(dialect: str) -> Select[Any]:
    is_asked_for = spending.c.id.in_([bindparam("person"), bindparam("everybody")])
    return select(spending.c.user_key, spending.c.tokens).where(is_asked_for)


class TokenBudget:
    """Limits in tokens per day (UTC), of each person and of all together; 0 is no limit."""

    def __init__(self, database: GroupCommit, *, per_person: int, in_all: int) -> None:
        self._database = database
        self._per_person = per_person
        self._in_all = in_all

    async def has_budget(self, user_key: str, now: datetime) -> bool:
        """Return whether a person may use more tokens today."""
        ids = {"person": _id(now, user_key), "everybody": _id(now, ALL)}
        rows = await self._database.submit(Transaction(lambda c, _: _spent.fetch(c, **ids)))
        limits = {user_key: self._per_person, ALL: self._in_all}
        return all(not limits[who] or tokens < limits[who] for who, tokens in rows)

    def spent(self, user_key: str, tokens: int, now: datetime) -> Sequence[Write]:
        """Count the tokens that a person used."""
        day = _day(now)
        rows = [
            {"row_key": _id(now, who), "day": day, "user_key": who, "tokens": tokens}
            for who in (user_key, ALL)
        ]
        return [Write(_add, rows)] if tokens else []


def _day(now: datetime) -> str:
    return now.astimezone(UTC).date().isoformat()


def _id(now: datetime, who: str) -> str:
    return f"{_day(now)}:{who}"

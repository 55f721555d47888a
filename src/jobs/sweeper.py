"""Wakes lanes that sleep though they have work that is due, because a wake-up was lost.

Nothing in the code loses one. This is for the rest: rows that were changed by hand, a clock that
was ahead for a while, a bug.
"""

import asyncio
from collections.abc import Callable
from functools import partial

from loguru import logger
from sqlalchemy import (
    Connection,
    Double,
    Select,
    Text,
    Update,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from jobs.claim_statement import is_among
from jobs.model import Priority
from jobs.tables import is_todo, job, lane, timer
from storage.engine.compiled import CompiledStatement, as_list, listed
from storage.engine.group_commit import GroupCommit, Transaction

#: Most jobs, or lanes with timers, that one transaction looks at.
BATCH = 500
#: Pause between two rounds, and between two batches of a round.
ROUND_SECONDS, BATCH_SECONDS = 60.0, 1.0

_after = bindparam("after", type_=Text)
_now = bindparam("now", type_=Double)


@CompiledStatement
def waiting_jobs(dialect: str) -> Select[tuple[str, float]]:
    """Select (lane, 0) of the next jobs that wait, by the name of their lane."""
    query = select(job.c.lane, literal_column("0")).where(is_todo, job.c.lane > _after)
    return query.order_by(job.c.lane).limit(BATCH)


@CompiledStatement
def next_timers(dialect: str) -> Select[tuple[str, float]]:
    """Select (lane, time of its first timer) of the next lanes that have timers."""
    query = select(timer.c.lane, func.min(timer.c.due_at)).where(timer.c.lane > _after)
    return query.group_by(timer.c.lane).order_by(timer.c.lane).limit(BATCH)


@CompiledStatement
def _wake_sleepers(dialect: str) -> Update:
    """Make those of `names` due that are neither due, held nor backing off."""
    free_at = case((lane.c.not_before > _now, lane.c.not_before), else_=_now)
    is_asleep = or_(
        lane.c.ready_at.is_(None), and_(lane.c.owner.is_(None), lane.c.ready_at > free_at)
    )
    asleep = select(lane.c.name).where(lane.c.name.in_(listed(dialect, "names", Text())), is_asleep)
    found = is_among(dialect, asleep.with_for_update(skip_locked=True))
    awake = {"owner": null(), "wake": True, "ready_at": free_at, "priority": Priority.HIGH.value}
    return update(lane).where(found).values(awake)


def wake_sleepers(
    connection: Connection, now: float, *, among: CompiledStatement, after: str
) -> tuple[int, str | None]:
    """Wake the sleepers among the next lanes with work (`waiting_jobs` or `next_timers`).

    It begins after the lane of that name. Returns how many it woke, and the last lane that it
    looked at, None at the end.
    """
    rows = among.fetch(connection, after=after)
    names = as_list({name for name, due_at in rows if due_at <= now})
    woken = _wake_sleepers.run(connection, names=names, now=now)
    return woken, rows[-1][0] if len(rows) == BATCH else None


async def sweep(database: GroupCommit) -> int:
    """Look at all lanes with work once; return how many were asleep, and are awake now."""
    total = 0
    for among in (waiting_jobs, next_timers):
        after: str | None = ""
        while after is not None:
            batch = partial(wake_sleepers, among=among, after=after)
            woken, after = await database.submit(Transaction(batch))
            total += woken
            if after is not None:
                await asyncio.sleep(BATCH_SECONDS)
    return total


async def keep_awake(database: GroupCommit, count: Callable[[int], None]) -> None:
    """Sweep for ever; `count` is told how many lanes were asleep."""
    while True:
        await asyncio.sleep(ROUND_SECONDS)
        try:
            if woken := await sweep(database):
                logger.error("{} lanes slept though they had work: they are awake now", woken)
                count(woken)
        except SQLAlchemyError as error:
            logger.opt(exception=error).warning("sleeping lanes were not looked for; later then")

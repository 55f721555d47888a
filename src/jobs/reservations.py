"""Leases, pauses and timers that a wrong clock stretched are cut to their own length."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from loguru import logger
from sqlalchemy import (
    ColumnElement,
    Connection,
    Double,
    Text,
    Update,
    and_,
    bindparam,
    case,
    null,
    or_,
    select,
    update,
)

from jobs.claim_statement import is_among
from jobs.statements import next_timer
from jobs.tables import ALL_PRIORITIES, lane, timer
from storage.engine.compiled import CompiledStatement, as_list, listed
from storage.engine.group_commit import Operation
from utils.elapsed import CLOCK_TOLERANCE_SECONDS

_now = bindparam("now", type_=Double)
#: What began later than this began by a clock that was ahead.
_latest = bindparam("latest", type_=Double)
_is_later = lane.c.used_at > _latest


def _is_far(dialect: str) -> ColumnElement[bool]:
    is_ours = lane.c.pool.in_(listed(dialect, "pools", Text()))
    # All priorities are named for the index.
    return and_(is_ours, lane.c.priority.in_(ALL_PRIORITIES), lane.c.ready_at > _latest)


@CompiledStatement
def _cut_timers(dialect: str) -> Update:
    """Let timers that were set later than now be set now; their lanes were released then."""
    ahead = timer.c.set_at - _now
    lanes = select(lane.c.name).where(_is_far(dialect), _is_later)
    return (
        update(timer)
        .where(is_among(dialect, lanes, timer.c.lane), timer.c.set_at > _latest)
        .values(due_at=timer.c.due_at - ahead, set_at=_now)
    )


@CompiledStatement
def _cut_lanes(dialect: str) -> Update:
    """Let leases and pauses that began later than now begin now, and find lost due times again."""
    ahead = lane.c.used_at - _now
    is_held, is_paused = lane.c.owner.is_not(None), lane.c.not_before > _now
    is_stretched = and_(_is_later, or_(is_held, is_paused))
    is_free = and_(~is_held, or_(lane.c.not_before.is_(None), ~is_paused))
    is_asleep = and_(is_free, or_(lane.c.wake, and_(_is_later, lane.c.ready_at > next_timer)))
    is_wrong = and_(_is_far(dialect), or_(is_stretched, is_asleep))
    found = select(lane.c.name).where(is_wrong)
    cut: dict[str, Any] = {
        "ready_at": case(
            (is_stretched, lane.c.ready_at - ahead), (lane.c.wake, _now), else_=next_timer
        ),
        "not_before": case((is_paused, lane.c.not_before - ahead), else_=null()),
        "used_at": case((_is_later, _now), else_=lane.c.used_at),
    }
    # A locked lane is claimed, renewed or released at this moment, by the right clock.
    chosen = lane.c.name.in_(found.with_for_update(skip_locked=True))
    return update(lane).where(chosen).values(cut)


@dataclass(frozen=True, slots=True)
class CutReservations(Operation[int]):
    """Cut what a clock that was ahead put off too far; the result is the number of lanes.

    Each row knows when its lease, pause or timer began, and so its length. It is cut once, since
    it begins now afterwards: to cut it to a largest legal value at every look would never end it.
    """

    pools: Sequence[str]
    rank: ClassVar[int] = 1

    @classmethod
    def run(cls, operations: Sequence[Self], connection: Connection, now: float) -> Sequence[int]:
        return [operation._cut(connection, now) for operation in operations]

    def _cut(self, connection: Connection, now: float) -> int:
        latest, pools = now + CLOCK_TOLERANCE_SECONDS, as_list(self.pools)
        _cut_timers.run(connection, now=now, latest=latest, pools=pools)
        lanes = _cut_lanes.run(connection, now=now, latest=latest, pools=pools)
        if lanes:
            logger.warning("the clock was ahead: {} lanes were put off too far", lanes)
        return lanes

"""Storing work and finishing it: the two ways in which lanes change."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import ClassVar, Self

from sqlalchemy import (
    Connection,
    Insert,
    bindparam,
    case,
    delete,
    func,
    select,
    true,
    tuple_,
    update,
)

from lanes.model import Encoded, JobState, Json, NewJob, Outcome
from lanes.tables import job, lane, timer
from storage.database import execute_many, insert, insert_for
from storage.group_commit import Operation
from storage.write import Write, execute_writes


@dataclass(frozen=True, slots=True)
class Turn:
    """How one job of a claimed lane ended."""

    lane: str
    #: of the claim under which the job ran; another one by now means that we lost the lane
    token: str
    job: int
    outcome: Outcome = field(default_factory=Outcome)
    state: JobState = JobState.DONE
    #: set when the attempt failed
    tries: int | None = None
    error: str | None = None
    #: give the lane back after this job
    release: bool = False
    #: then not to be claimed for so many seconds, whatever arrives meanwhile
    pause: float | None = None


@dataclass(frozen=True, slots=True)
class Change(Operation[bool]):
    """Jobs to add, and perhaps the turn that decided on them. False if the lane was lost."""

    jobs: Sequence[NewJob] = ()
    writes: Sequence[Write] = ()
    turn: Turn | None = None
    rank: ClassVar[int] = 0

    @classmethod
    def run(cls, operations: Sequence[Self], connection: Connection, now: float) -> Sequence[bool]:
        holders = _lock_lanes(operations, connection)
        kept = [_still_holds(change, holders) for change in operations]
        changes = [change for change, keep in zip(operations, kept, strict=True) if keep]
        turns = [change.turn for change in changes if change.turn is not None]
        outcomes = [(turn.lane, turn.outcome) for turn in turns]
        _add_jobs(connection, [*_jobs(changes)], now)
        _end_jobs(connection, turns)
        _save_states(connection, outcomes)
        _set_timers(connection, outcomes, now)
        _release_lanes(connection, turns, now)
        execute_writes(connection, [write for change in changes for write in _writes(change)])
        return kept


def _jobs(changes: Sequence[Change]) -> Sequence[NewJob]:
    stored = [job for change in changes for job in change.jobs]
    decided = [job for change in changes if change.turn for job in change.turn.outcome.jobs]
    return stored + decided


def _writes(change: Change) -> Sequence[Write]:
    return [*change.writes, *(change.turn.outcome.writes if change.turn else ())]


def _lock_lanes(changes: Sequence[Change], connection: Connection) -> dict[str, str | None]:
    """Lock every lane that a group touches, at once and in one order, so that none deadlock.

    Returns who holds each lane that has a turn to finish.
    """
    held = {change.turn.lane for change in changes if change.turn}
    touched = held
    if connection.dialect.name != "sqlite":  # SQLite has one writer: nothing to lock
        fresh = {new.lane for new in _jobs(changes)}
        if fresh:
            missing = [{"name": name, "pool": pool_of(name)} for name in sorted(fresh)]
            connection.execute(insert(connection, lane).on_conflict_do_nothing(), missing)
        touched = held | fresh
    if not touched:
        return {}
    query = select(lane.c.name, lane.c.owner).where(lane.c.name.in_(sorted(touched)))
    rows = connection.execute(query.order_by(lane.c.name).with_for_update())
    return {row.name: row.owner for row in rows}


def _still_holds(change: Change, holders: dict[str, str | None]) -> bool:
    return change.turn is None or holders.get(change.turn.lane) == change.turn.token


def _add_jobs(connection: Connection, jobs: Sequence[NewJob], now: float) -> None:
    if not jobs:
        return
    rows = [
        {
            "lane": new.lane,
            "kind": new.kind,
            "key": new.key,
            "body": to_json(new.body),
            "created_at": now,
        }
        for new in jobs
    ]
    lanes = [
        {"name": name, "pool": pool_of(name), "ready_at": now}
        for name in sorted({new.lane for new in jobs})
    ]
    execute_many(connection, _insert_jobs(connection.dialect.name), rows)
    execute_many(connection, _wake_lanes(connection.dialect.name), lanes)


@cache
def _insert_jobs(dialect: str) -> Insert:
    new = insert_for(dialect, job).on_conflict_do_nothing(index_elements=["key"])
    names = ("lane", "kind", "key", "body", "created_at")
    return new.values({name: bindparam(name) for name in names})


@cache
def _wake_lanes(dialect: str) -> Insert:
    new = insert_for(dialect, lane).values(
        name=bindparam("name"), pool=bindparam("pool"), ready_at=bindparam("ready_at"), wake=true()
    )
    soonest = case(
        (lane.c.owner.is_not(None), lane.c.ready_at),
        (lane.c.ready_at <= new.excluded.ready_at, lane.c.ready_at),
        (lane.c.not_before > new.excluded.ready_at, lane.c.not_before),
        else_=new.excluded.ready_at,
    )
    woken = {"wake": True, "ready_at": soonest}
    return new.on_conflict_do_update(index_elements=["name"], set_=woken)


def _end_jobs(connection: Connection, turns: Sequence[Turn]) -> None:
    done = [turn.job for turn in turns if turn.state is JobState.DONE]
    if done:
        connection.execute(update(job).where(job.c.id.in_(done)).values(state=JobState.DONE))
    failed = [
        {"of": turn.job, "state": turn.state, "tries": turn.tries, "error": turn.error}
        for turn in turns
        if turn.state is not JobState.DONE
    ]
    if failed:
        connection.execute(
            update(job)
            .where(job.c.id == bindparam("of"))
            .values(state=bindparam("state"), tries=bindparam("tries"), error=bindparam("error")),
            failed,
        )


def _save_states(connection: Connection, outcomes: Sequence[tuple[str, Outcome]]) -> None:
    rows = [
        {"of": name, "state": to_json(outcome.state)}
        for name, outcome in outcomes
        if outcome.state is not None
    ]
    if rows:
        connection.execute(
            update(lane).where(lane.c.name == bindparam("of")).values(state=bindparam("state")),
            rows,
        )


def _set_timers(
    connection: Connection, outcomes: Sequence[tuple[str, Outcome]], now: float
) -> None:
    cancelled, rows = [], []
    for of, outcome in outcomes:
        for name, new in outcome.timers.items():
            if new is None:
                cancelled.append((of, name))
            else:
                due = now + new.after.total_seconds()
                rows.append({"lane": of, "name": name, "due_at": due, "body": to_json(new.body)})
    if cancelled:
        connection.execute(delete(timer).where(tuple_(timer.c.lane, timer.c.name).in_(cancelled)))
    if rows:
        upsert = insert(connection, timer)
        moved = {"due_at": upsert.excluded.due_at, "body": upsert.excluded.body}
        connection.execute(
            upsert.on_conflict_do_update(index_elements=["lane", "name"], set_=moved), rows
        )


def _release_lanes(connection: Connection, turns: Sequence[Turn], now: float) -> None:
    free = [turn.lane for turn in turns if turn.release and turn.pause is None]
    if free:
        release(connection, free, now)
    paused = [
        {"of": turn.lane, "until": now + turn.pause}
        for turn in turns
        if turn.release and turn.pause is not None
    ]
    if paused:
        connection.execute(
            update(lane)
            .where(lane.c.name == bindparam("of"))
            .values(owner=None, ready_at=bindparam("until"), not_before=bindparam("until")),
            paused,
        )


def release(connection: Connection, names: Sequence[str], now: float) -> None:
    """Give lanes back: due at once if jobs are waiting, else with their next timer, else never."""
    next_timer = (
        select(func.min(timer.c.due_at)).where(timer.c.lane == lane.c.name).scalar_subquery()
    )
    connection.execute(
        update(lane)
        .where(lane.c.name.in_(sorted(names)))
        .values(
            owner=None,
            not_before=None,
            ready_at=case((lane.c.wake, now), else_=next_timer),
        )
    )


def pool_of(name: str) -> str:
    """Which workers serve a lane of this name."""
    return name.partition(":")[0]


def to_json(value: Json) -> str:
    """Escaped, so that PostgreSQL takes it: NUL and lone surrogates are nothing for its text."""
    return value if isinstance(value, Encoded) else json.dumps(value, separators=(",", ":"))

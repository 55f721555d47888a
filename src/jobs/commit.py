"""Storing jobs and completing them: the two ways in which lanes change."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from sqlalchemy import Connection

from domain.json import JsonValue
from jobs import statements
from jobs.model import Encoded, JobState, NewJob, Outcome, Priority
from jobs.notifier import notify
from jobs.unreadable import put_state_aside
from storage.engine.compiled import as_list
from storage.engine.group_commit import Operation
from storage.engine.write import Write, execute_writes


class AlreadyStored(Exception):
    """A completion was committed before; only the answer of the database was lost."""


@dataclass(frozen=True, slots=True)
class JobCompletion:
    """The result of one job of a claimed lane."""

    lane: str
    #: Token of the claim under which the job ran. The lane is lost if it has another one by now.
    token: str
    job: int
    outcome: Outcome = field(default_factory=Outcome)
    state: JobState = JobState.DONE
    #: Number of failed attempts; None if this one succeeded.
    tries: int | None = None
    #: Number of times that the job was begun before and did not end.
    starts: int = 0
    error: str | None = None
    #: True if the lane is released after this job.
    release: bool = False
    #: Seconds for which the released lane is not claimed, even if jobs arrive.
    pause: float | None = None
    #: Priority of the jobs that it decides on, where they have none of their own.
    priority: Priority = Priority.HIGH


@dataclass(frozen=True, slots=True)
class CommitJobs(Operation[bool]):
    """Add jobs, and perhaps complete the job that decided on them. False if its lane was lost."""

    jobs: Sequence[NewJob] = ()
    writes: Sequence[Write] = ()
    turn: JobCompletion | None = None
    rank: ClassVar[int] = 0

    @classmethod
    def run(cls, operations: Sequence[Self], connection: Connection, now: float) -> Sequence[bool]:
        holders = _lock_lanes(operations, connection)
        kept = [_still_holds(change, holders) for change in operations]
        changes = [change for change, keep in zip(operations, kept, strict=True) if keep]
        turns = [change.turn for change in changes if change.turn is not None]
        outcomes = [(turn.lane, turn.outcome) for turn in turns]
        _wake_lanes(connection, _priorities(changes), now)
        _add_jobs(connection, _jobs(changes), now)
        _end_jobs(connection, turns)
        _set_timers(connection, outcomes, now)
        _leave_lanes(connection, turns, now)
        execute_writes(connection, [write for change in changes for write in _writes(change)])
        if len(changes) < len(operations):
            lost = [change for change, keep in zip(operations, kept, strict=True) if not keep]
            statements.drop_lanes.run(connection, names=as_list({new.lane for new in _jobs(lost)}))
        if any(change.turn is None and change.jobs for change in changes):
            notify(connection)  # workers know the jobs of their own completions
        return kept


def _jobs(changes: Sequence[CommitJobs]) -> Sequence[NewJob]:
    stored = [job for change in changes for job in change.jobs]
    decided = [job for change in changes if change.turn for job in change.turn.outcome.jobs]
    return stored + decided


def _priorities(changes: Sequence[CommitJobs]) -> dict[str, Priority]:
    """Return the most urgent priority of the new jobs of each lane, in the order of their names."""
    found: dict[str, Priority] = {}
    for change in changes:
        turn = change.turn
        inherited = Priority.HIGH if turn is None else turn.priority
        for new in [*change.jobs, *(turn.outcome.jobs if turn else ())]:
            own = inherited if new.priority is None else new.priority
            found[new.lane] = min(own, found.get(new.lane, own))
    return dict(sorted(found.items()))


def _writes(change: CommitJobs) -> Sequence[Write]:
    return [*change.writes, *(change.turn.outcome.writes if change.turn else ())]


def _lock_lanes(changes: Sequence[CommitJobs], connection: Connection) -> dict[str, str | None]:
    """Lock every lane of a group. Return the token that holds each lane with a completion."""
    touched = {change.turn.lane for change in changes if change.turn}
    if not touched:  # waking the lanes of new jobs locks them
        return {}
    if connection.dialect.name != "sqlite":  # SQLite has one writer: nothing to lock
        fresh = {new.lane for new in _jobs(changes)}
        missing = ({"name": name, "pool": pool_of(name)} for name in sorted(fresh))
        statements.make_lane.run_many(connection, missing)
        touched |= fresh
    return dict(map(tuple, statements.lock_lanes.fetch(connection, names=as_list(touched))))


def _still_holds(change: CommitJobs, holders: dict[str, str | None]) -> bool:
    return change.turn is None or holders.get(change.turn.lane) == change.turn.token


def _wake_lanes(connection: Connection, lanes: Mapping[str, Priority], now: float) -> None:
    """Wake the lanes of new jobs before these are added: ids have the order of the commits."""
    due = {"ready_at": now, "wake": True}
    rows = (
        {"name": name, "pool": pool_of(name), "priority": priority.value, **due}
        for name, priority in lanes.items()
    )
    statements.wake_lane.run_many(connection, rows)


def _add_jobs(connection: Connection, jobs: Sequence[NewJob], now: float) -> None:
    statements.add_job.run_many(
        connection,
        (
            {
                "lane": new.lane,
                "kind": new.kind,
                "key": new.key,
                "body": to_json(new.body),
                "created_at": now,
                "trace": new.trace,
            }
            for new in jobs
        ),
    )


def _end_jobs(connection: Connection, turns: Sequence[JobCompletion]) -> None:
    done = [turn.job for turn in turns if turn.state is JobState.DONE]
    if done and statements.finish_jobs.run(connection, ids=as_list(done)) < len(done):
        raise AlreadyStored
    for turn in turns:
        if turn.state is JobState.DEAD and not statements.fail_job.run(connection, **_failed(turn)):
            raise AlreadyStored
    again = (_failed(turn) for turn in turns if turn.state is JobState.TODO)
    statements.fail_job.run_many(connection, again)


def _failed(turn: JobCompletion) -> dict[str, Any]:
    state = turn.state.value
    return {"of": turn.job, "state": state, "tries": turn.tries, "error": turn.error}


def _set_timers(
    connection: Connection, outcomes: Sequence[tuple[str, Outcome]], now: float
) -> None:
    timers = [(of, name, new) for of, outcome in outcomes for name, new in outcome.timers.items()]
    statements.delete_timer.run_many(
        connection, ({"lane": of, "name": name} for of, name, new in timers if new is None)
    )
    statements.set_timer.run_many(
        connection,
        (
            {
                "lane": of,
                "name": name,
                "due_at": now + new.after.total_seconds(),
                "body": to_json(new.body),
                "set_at": now,
            }
            for of, name, new in timers
            if new is not None
        ),
    )


def _leave_lanes(connection: Connection, turns: Sequence[JobCompletion], now: float) -> None:
    """Save the state of each lane, and release the lanes whose claim ends here."""
    put_state_aside.run_many(
        connection,
        (
            {"of": turn.lane, "text": to_json(turn.outcome.unreadable)}
            for turn in turns
            if turn.outcome.unreadable is not None
        ),
    )
    statements.save_state.run_many(
        connection,
        (
            {"of": turn.lane, "state": to_json(turn.outcome.state)}
            for turn in turns
            if turn.outcome.state is not None and not turn.release
        ),
    )
    statements.release_lane.run_many(
        connection, (_released(turn, now) for turn in turns if turn.release)
    )


def _released(turn: JobCompletion, now: float) -> dict[str, Any]:
    state = turn.outcome.state
    return {
        "of": turn.lane,
        "state": None if state is None else to_json(state),
        "until": None if turn.pause is None else now + turn.pause,
        "now": now,
        "starts": turn.starts if turn.state is JobState.TODO else 0,
        "is_urgent": any(new and new.is_urgent for new in turn.outcome.timers.values()),
    }


def release(connection: Connection, names: Iterable[str], now: float) -> None:
    """Release lanes: due at once if jobs wait, else at their next timer, else never."""
    unchanged = {"state": None, "until": None, "now": now, "starts": 0, "is_urgent": False}
    statements.release_lane.run_many(connection, ({"of": name, **unchanged} for name in names))


def pool_of(name: str) -> str:
    """Return the pool of workers that serve a lane of this name."""
    return name.partition(":")[0]


#: Encoder without spaces, made once: `json.dumps` would make one per call.
_encode = json.JSONEncoder(separators=(",", ":")).encode


def to_json(value: JsonValue) -> str:
    """Return a value as ASCII JSON: PostgreSQL's text has no NUL and no lone surrogates."""
    return value if isinstance(value, Encoded) else _encode(value)

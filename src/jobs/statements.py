"""The SQL statements of lanes, jobs and timers."""

from sqlalchemy import (
    Boolean,
    Delete,
    Double,
    Insert,
    Select,
    SmallInteger,
    Text,
    Update,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    null,
    or_,
    select,
    true,
    update,
)

from jobs.model import JobState, Priority
from jobs.tables import is_dead, is_todo, job, lane, timer
from storage.engine.compiled import CompiledStatement, insert_rows, listed
from storage.engine.database import RowId

#: Most jobs of one lane per claim, so that a busy lane does not delay the others.
MAX_JOBS_PER_CLAIM = 10

_of = lane.c.name == bindparam("of")
_is_held = lane.c.owner == bindparam("token")
_now = bindparam("now", type_=Double)
next_timer = select(func.min(timer.c.due_at)).where(timer.c.lane == lane.c.name).scalar_subquery()


@CompiledStatement
def lock_lanes(dialect: str) -> Select[tuple[str, str | None]]:
    """Select (name, owner) of the lanes in `names`, locked in one order to avoid deadlocks."""
    query = select(lane.c.name, lane.c.owner).where(
        lane.c.name.in_(listed(dialect, "names", Text()))
    )
    return query.order_by(lane.c.name).with_for_update()


@CompiledStatement
def make_lane(dialect: str) -> Insert:
    """Insert a lane, to be locked, if there is none of that name yet."""
    return insert_rows(dialect, lane, ["name", "pool"]).on_conflict_do_nothing()


@CompiledStatement
def drop_lanes(dialect: str) -> Delete:
    """Delete those lanes of `names` that hold nothing: their jobs are not stored after all."""
    is_empty = [column.is_(None) for column in (lane.c.ready_at, lane.c.owner, lane.c.state)]
    dead = exists().where(job.c.lane == lane.c.name, is_dead)
    return delete(lane).where(lane.c.name.in_(listed(dialect, "names", Text())), *is_empty, ~dead)


@CompiledStatement
def wake_lane(dialect: str) -> Insert:
    """Make a lane due now, for new jobs, unless it is held or backing off.

    The lane is locked in any case, and written only if that changes it.
    """
    new = insert_rows(dialect, lane, ["name", "pool", "ready_at", "wake", "priority"])
    soonest = case(
        (lane.c.owner.is_not(None), lane.c.ready_at),
        (lane.c.ready_at <= new.excluded.ready_at, lane.c.ready_at),
        (lane.c.not_before > new.excluded.ready_at, lane.c.not_before),
        else_=new.excluded.ready_at,
    )
    urgent = case(
        (lane.c.priority < new.excluded.priority, lane.c.priority), else_=new.excluded.priority
    )
    woken = {"wake": True, "ready_at": soonest, "priority": urgent}
    is_news = or_(
        ~lane.c.wake, lane.c.ready_at.is_distinct_from(soonest), lane.c.priority != urgent
    )
    return new.on_conflict_do_update(index_elements=["name"], set_=woken, where=is_news)


@CompiledStatement
def add_job(dialect: str) -> Insert:
    """Insert a job, unless its key was seen before."""
    names = ("lane", "kind", "key", "body", "created_at", "trace")
    return insert_rows(dialect, job, names).on_conflict_do_nothing(index_elements=["key"])


@CompiledStatement
def finish_jobs(dialect: str) -> Update:
    """Mark the jobs of `ids` that still wait as done: they keep their keys, and nobody's words."""
    is_ended = job.c.id.in_(listed(dialect, "ids", RowId))
    is_open = job.c.state == JobState.TODO.value
    ended = {"state": JobState.DONE.value, "body": "{}", "error": null()}
    return update(job).where(is_ended, is_open).values(ended)


@CompiledStatement
def fail_job(dialect: str) -> Update:
    """Record a failed attempt: the job waits for another one, or is a dead letter."""
    return (
        update(job)
        .where(job.c.id == bindparam("of"), job.c.state == JobState.TODO.value)
        .values(state=bindparam("state"), tries=bindparam("tries"), error=bindparam("error"))
    )


@CompiledStatement
def save_state(dialect: str) -> Update:
    """Store the state of a lane."""
    return update(lane).where(_of).values(state=bindparam("state"))


@CompiledStatement
def release_lane(dialect: str) -> Update:
    """Release a lane, perhaps with another state.

    It is due at `until`, if that is set; else at once if jobs wait, else at its next timer, else
    never. `starts` of its first job have not ended; one without jobs has no urgency, unless that
    of a timer (`is_urgent`).
    """
    until = cast(bindparam("until"), Double)  # PostgreSQL cannot infer the type of NULL
    ready_at = case((until.is_not(None), until), (lane.c.wake, _now), else_=next_timer)
    waits = or_(until.is_not(None), lane.c.wake)
    is_urgent = bindparam("is_urgent", type_=Boolean)
    values = {
        "owner": null(),
        "state": func.coalesce(cast(bindparam("state"), Text), lane.c.state),
        "not_before": until,
        "ready_at": ready_at,
        "priority": case((or_(waits, is_urgent), lane.c.priority), else_=Priority.LOW.value),
        "starts": bindparam("starts", type_=SmallInteger),
        "used_at": _now,
    }
    return update(lane).where(_of).values(values)


@CompiledStatement
def set_timer(dialect: str) -> Insert:
    """Set a timer of a lane, or move the one of that name."""
    new = insert_rows(dialect, timer, ["lane", "name", "due_at", "body", "set_at"])
    moved = {name: new.excluded[name] for name in ("due_at", "body", "set_at")}
    return new.on_conflict_do_update(index_elements=["lane", "name"], set_=moved)


@CompiledStatement
def delete_timer(dialect: str) -> Delete:
    """Delete a timer of a lane by its name."""
    is_it = (timer.c.lane == bindparam("lane"), timer.c.name == bindparam("name"))
    return delete(timer).where(*is_it)


@CompiledStatement
def due_timers(dialect: str) -> Select[tuple[str, str, str]]:
    """Select (lane, name, body) of the due timers of `lanes`, the oldest first."""
    is_due = (timer.c.lane.in_(listed(dialect, "lanes", Text())), timer.c.due_at <= _now)
    return select(timer.c.lane, timer.c.name, timer.c.body).where(*is_due).order_by(timer.c.due_at)


@CompiledStatement
def first_jobs(dialect: str) -> Select[tuple[int, str, str, str, int, str | None, str | None]]:
    """Select the columns of `Job` for the oldest waiting jobs of each of `lanes`."""
    names = ("id", "lane", "kind", "body", "tries", "key", "trace")
    columns = [job.c[name] for name in names]
    ours = listed(dialect, "lanes", Text()).subquery()
    first = (
        select(*columns)
        .where(job.c.lane == ours.c.value, is_todo)
        .order_by(job.c.id)
        .limit(MAX_JOBS_PER_CLAIM)
        .correlate(ours)
    )
    if dialect == "sqlite":  # has no LATERAL
        ids = first.with_only_columns(job.c.id)
        return select(*columns).select_from(ours).join(job, job.c.id.in_(ids)).order_by(job.c.id)
    found = first.lateral()
    return select(*found.c).select_from(ours).join(found, true()).order_by(found.c.id)


@CompiledStatement
def keep_lane(dialect: str) -> Update:
    """Extend a lease to `until`, if the lane is still held by `token`."""
    is_ours = (_of, _is_held, lane.c.ready_at > _now)
    until = bindparam("until", type_=Double)
    return update(lane).where(*is_ours).values(ready_at=until, used_at=_now)


@CompiledStatement
def give_lane_back(dialect: str) -> Update:
    """Release a lane whose jobs are not done, as if its claim had not been; it is due at `on`."""
    on = bindparam("on", type_=Double)
    released = {"owner": null(), "ready_at": on, "not_before": on, "used_at": _now}
    starts = case((lane.c.starts > 0, lane.c.starts - 1), else_=0)
    return update(lane).where(_of, _is_held).values(**released, starts=starts)

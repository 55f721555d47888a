"""Tables of jobs, lanes and timers. Times are seconds since 1970, by the database's clock."""

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Double,
    Index,
    SmallInteger,
    Table,
    Text,
    false,
    literal_column,
)

from jobs.model import JobState, Priority
from storage.engine.database import RowId, metadata

#: Jobs; those of one lane are done in the order of their ids.
job = Table(
    "job",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("lane", Text, nullable=False),
    #: Unique key for deduplication: a second job with the same key is not stored.
    Column("key", Text, unique=True),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", SmallInteger, nullable=False, server_default="0"),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    Column("error", Text),
    Column("created_at", Double, nullable=False),
    #: Traceparent of the webhook that the job belongs to.
    Column("trace", Text),
    #: Number of times that it was a dead letter and was retried.
    Column("revived", SmallInteger, nullable=False, server_default="0"),
    sqlite_autoincrement=True,  # an id names a job for ever, also after retention deleted it
)

#: Conditions without a parameter: with one, neither database would use these indexes.
is_todo = job.c.state == literal_column(str(JobState.TODO.value))
is_dead = job.c.state == literal_column(str(JobState.DEAD.value))
#: Names all priorities, so that an index leads past them to the due times.
ALL_PRIORITIES: list[ColumnElement[int]] = [literal_column(str(one.value)) for one in Priority]
Index("ix_job_todo", job.c.lane, job.c.id, postgresql_where=is_todo, sqlite_where=is_todo)
Index("ix_job_dead", job.c.id, postgresql_where=is_dead, sqlite_where=is_dead)

#: Lanes: ordered queues of jobs, with a lock (the lease), a due time and a state each. A lane is
#: one conversation, for example, or one recipient.
lane = Table(
    "lane",
    metadata,
    Column("name", Text, primary_key=True),
    #: First part of the name: the pool of workers that serve the lane.
    Column("pool", Text, nullable=False),
    #: Due time: now, later (backoff, timer), at the end of the lease, or never.
    Column("ready_at", Double),
    #: Earliest due time while backing off; new jobs do not wake the lane before it.
    Column("not_before", Double),
    #: Token of the claim that holds the lane.
    Column("owner", Text),
    #: True if jobs arrived while the lane was held.
    Column("wake", Boolean, nullable=False, server_default=false()),
    Column("state", Text),
    #: Time of the last claim, renewal or release, at which the lease or pause began; 0 if none.
    Column("used_at", Double, nullable=False, server_default="0"),
    #: Number of claims since a job of the lane ended: starts of its first job without an end.
    Column("starts", SmallInteger, nullable=False, server_default="0"),
    #: The last state that could not be read, put aside for a person to look at.
    Column("unreadable", Text),
    #: The most urgent `Priority` of the jobs that wait; LOW if none waits, as for timers.
    Column("priority", SmallInteger, nullable=False, server_default=str(Priority.LOW.value)),
    # Three updates per message: leave room for them on the page, and clean up early.
    postgresql_with={"fillfactor": 70, "autovacuum_vacuum_scale_factor": 0.02},
)
_is_scheduled = lane.c.ready_at.is_not(None)
Index(
    "ix_lane_ready",
    lane.c.pool,
    lane.c.priority,
    lane.c.ready_at,
    postgresql_where=_is_scheduled,
    sqlite_where=_is_scheduled,
)

_is_unreadable = lane.c.unreadable.is_not(None)
Index(
    "ix_lane_unreadable",
    lane.c.name,
    postgresql_where=_is_unreadable,
    sqlite_where=_is_unreadable,
)

#: Timers of lanes; a due timer becomes a job of kind "timer".
timer = Table(
    "timer",
    metadata,
    Column("lane", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("due_at", Double, nullable=False),
    Column("body", Text, nullable=False),
    #: Time at which it was set.
    Column("set_at", Double, nullable=False, server_default="0"),
)

"""The tables of durable processing. All times are seconds since 1970, by the database's clock."""

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    Index,
    SmallInteger,
    Table,
    Text,
    false,
)

from jobs.model import JobState
from storage.engine.database import RowId, metadata

#: What must be done, in order of id per lane.
job = Table(
    "job",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("lane", Text, nullable=False),
    #: seen before means done before: deduplication
    Column("key", Text, unique=True),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", SmallInteger, nullable=False, server_default="0"),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    Column("error", Text),
    Column("created_at", Double, nullable=False),
    #: of the webhook that it belongs to
    Column("trace", Text),
    #: how often it was given up and put back
    Column("revived", SmallInteger, nullable=False, server_default="0"),
    sqlite_autoincrement=True,  # an id names a job for ever, also after retention deleted it
)

_is_todo = job.c.state == JobState.TODO
_is_dead = job.c.state == JobState.DEAD
Index("ix_job_todo", job.c.lane, job.c.id, postgresql_where=_is_todo, sqlite_where=_is_todo)
Index("ix_job_dead", job.c.id, postgresql_where=_is_dead, sqlite_where=_is_dead)

#: One conversation, one recipient, one anything: the mutex, the alarm clock and the state.
lane = Table(
    "lane",
    metadata,
    Column("name", Text, primary_key=True),
    #: first part of the name: which workers serve it
    Column("pool", Text, nullable=False),
    #: the whole scheduler: due now, later (backoff, timer), when the lease ends, or never
    Column("ready_at", Double),
    #: set while backing off; new jobs do not wake the lane before this
    Column("not_before", Double),
    #: token of the claim that holds the lane
    Column("owner", Text),
    #: jobs arrived while the lane was held
    Column("wake", Boolean, nullable=False, server_default=false()),
    Column("state", Text),
    #: when it was claimed last; of a lane that never was, when there was this column
    Column("used_at", Double, nullable=False, server_default="0"),
    # Three updates per message: leave room for them on the page, and clean up early.
    postgresql_with={"fillfactor": 70, "autovacuum_vacuum_scale_factor": 0.02},
)
_is_scheduled = lane.c.ready_at.is_not(None)
Index(
    "ix_lane_ready",
    lane.c.pool,
    lane.c.ready_at,
    postgresql_where=_is_scheduled,
    sqlite_where=_is_scheduled,
)

#: Alarms of a lane; when one is due it becomes a job of kind "timer".
timer = Table(
    "timer",
    metadata,
    Column("lane", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("due_at", Double, nullable=False),
    Column("body", Text, nullable=False),
)

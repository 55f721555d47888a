"""Runs of checks: when, for whom, how it ended, what it cost. No words of anybody."""

from datetime import timedelta

from sqlalchemy import Column, Connection, Double, Integer, Table, Text, delete, select

from storage.engine.database import metadata
from storage.person_rows import PURGE_BATCH, delete_rows, leave_rows
from storage.person_table import declare_person_table

#: How long a run is listed.
KEEP_RUNS = timedelta(days=30)

run = Table(
    "check_run",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_key", Text, nullable=False, index=True),
    #: The message that the checks ran for.
    Column("message_id", Text, nullable=False, index=True),
    Column("source", Text, nullable=False),
    #: Names of the checks, separated by commas.
    Column("checks", Text, nullable=False),
    #: running, done, failed or interrupted.
    Column("state", Text, nullable=False),
    Column("started_at", Double, nullable=False, index=True),
    Column("ended_at", Double),
    Column("tokens", Integer, nullable=False),
    #: Cause of a failure, such as "timeout".
    Column("error", Text),
)


def purge_old(connection: Connection, now: float, *, keep: timedelta = KEEP_RUNS) -> int:
    """Delete a batch of old runs; return how many, 0 when none is left."""
    before = now - keep.total_seconds()
    old = select(run.c.id).where(run.c.started_at < before).order_by(run.c.started_at)
    return connection.execute(delete(run).where(run.c.id.in_(old.limit(PURGE_BATCH)))).rowcount


declare_person_table(
    run, on_erase=delete_rows, on_merge=leave_rows, on_forget=None, purge=purge_old
)

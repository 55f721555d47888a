"""Deleting a job as it ends, or all that waits in a lane: as part of what a handler decides."""

from sqlalchemy import Delete, bindparam, delete, exists, or_

from jobs.model import Job
from jobs.tables import is_dead, is_todo, job, lane
from storage.engine.compiled import CompiledStatement
from storage.engine.write import Write


@CompiledStatement
def _forget_job(dialect: str) -> Delete:
    return delete(job).where(job.c.key == bindparam("row_key"))


@CompiledStatement
def _forget_lane(dialect: str) -> Delete:
    others = exists().where(job.c.lane == lane.c.name)
    is_empty = (~others.where(is_todo), ~others.where(is_dead))
    return delete(lane).where(lane.c.name == bindparam("row_key"), *is_empty)


@CompiledStatement
def _forget_all_jobs(dialect: str) -> Delete:
    return delete(job).where(job.c.lane == bindparam("row_key"), or_(is_todo, is_dead))


@CompiledStatement
def _forget_whole_lane(dialect: str) -> Delete:
    return delete(lane).where(lane.c.name == bindparam("row_key"))


def forget_lane(name: str) -> list[Write]:
    """Delete what waits in a lane, or runs there: whatever that decides is not stored."""
    row = {"row_key": name}
    return [Write(_forget_all_jobs, [row], is_private=True), Write(_forget_whole_lane, [row])]


def forget_job(ended: Job) -> list[Write]:
    """Delete a job as it ends, and its lane unless others wait there."""
    return [
        Write(_forget_job, [{"row_key": ended.key}], is_private=True),
        Write(_forget_lane, [{"row_key": ended.lane}]),
    ]

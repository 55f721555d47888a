"""What `watch.py jobs` does: list, show, retry and discard stored jobs."""

import sys
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, or_, select

from app.cli.local_database import is_missing, local_engine
from jobs.inspection import (
    JobFilter,
    StoredJob,
    body_of,
    discard_jobs,
    find_job,
    find_jobs,
    retry_dead_letters,
)
from jobs.model import JobState
from storage.engine.database import database_time
from storage.tables.users import same_person, user
from utils.masking import mask

#: Longest part of an error that a list shows, in characters.
MAX_ERROR_CHARS = 80
NO_DATABASE = "No jobs: there is no database yet. It is created at the first start."
#: Seconds of the units in which ages are told.
UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def list_jobs(
    states: Collection[str], *, pool: str | None, kind: str | None, person: str | None, limit: int
) -> int:
    """Print the newest jobs that fit, a line each; creates no database where there is none."""
    if is_missing():
        print(NO_DATABASE)
        return 0
    with local_engine() as engine, engine.begin() as connection:
        keys = None if person is None else _keys_of(connection, person)
        wanted = JobFilter([JobState[state.upper()] for state in states], pool, kind, keys)
        found, now = find_jobs(connection, wanted, limit=limit), database_time(connection)
    for one in found:
        print(_line(one, now))
    print(f"{len(found)} jobs" if found else "No jobs.")
    return 0


def show_job(job_id: int, *, with_body: bool) -> int:
    """Print what is stored about one job. Returns 1 when there is none of this id."""
    if is_missing():
        print(NO_DATABASE, file=sys.stderr)
        return 1
    with local_engine() as engine, engine.begin() as connection:
        found, body = find_job(connection, job_id), body_of(connection, job_id)
    if found is None:
        return _no_such("job")
    for name, value in _details(found):
        print(f"{name:<9} {value}")
    if with_body:
        print(f"{'lane':<9} {found.lane}\n{'error':<9} {found.error or '-'}\n{'body':<9} {body}")
    return 0


def retry(ids: Sequence[int]) -> int:
    """Run dead letters again: all of them without ids. Returns 1 when none has one of these."""
    if is_missing():
        print(NO_DATABASE, file=sys.stderr)
        return 1 if ids else 0
    with local_engine() as engine, engine.begin() as connection:
        count = retry_dead_letters(connection, database_time(connection), ids=ids or None)
    if ids and not count:
        return _no_such("dead letter")
    print(f"{count} jobs will run again.")
    return 0


def discard(ids: Sequence[int]) -> int:
    """Delete dead letters, or jobs that wait. Returns 1 when none has one of these ids."""
    if is_missing():
        print(NO_DATABASE, file=sys.stderr)
        return 1
    with local_engine() as engine, engine.begin() as connection:
        count = discard_jobs(connection, ids)
    if not count:
        return _no_such("dead letter or waiting job, with no worker at it,")
    print(f"{count} jobs are deleted.")
    return 0


def _no_such(what: str) -> int:
    print(f"No {what} has this id. List them: watch.py jobs list", file=sys.stderr)
    return 1


def _keys_of(connection: Connection, person: str) -> set[str]:
    """The keys of a person, by a phone number, a user id or a key."""
    plain = person.lstrip("+").replace(" ", "")
    is_it = or_(*(column == plain for column in (user.c.key, user.c.wa_id, user.c.user_id)))
    known = connection.scalars(select(user.c.key).where(is_it)).all()
    people = [one.key for key in known for one in same_person(connection, key)]
    return {plain, *people}


def _line(one: StoredJob, now: float) -> str:
    error = mask(one.error or "").replace("\n", " ")[:MAX_ERROR_CHARS]
    parts = (one.id, one.state.name.lower(), one.pool, one.kind, f"{one.tries} attempts")
    return "  ".join([*map(str, parts), _age(now - one.created_at), error]).rstrip()


def _details(one: StoredJob) -> Iterator[tuple[str, str]]:
    yield "id", str(one.id)
    yield "state", one.state.name.lower()
    yield "pool", one.pool
    yield "kind", one.kind
    yield "attempts", str(one.tries)
    yield "retried", str(one.revived)
    yield "stored", f"{datetime.fromtimestamp(one.created_at, UTC):%Y-%m-%d %H:%M:%S} UTC"
    yield "trace", one.trace or "-"
    yield "error", mask(one.error or "-")


def _age(seconds: float) -> str:
    for unit, length in UNITS:
        if seconds >= length:
            return f"{seconds // length:.0f} {unit}"
    return "0 s"

"""Erasing a person, in both databases: every table, every lane, and small things that are kept."""

from datetime import datetime

import pytest
from sqlalchemy import Connection, select, update
from tests.fakes.clock import ManualClock
from tests.fakes.every_table import import_every_table
from tests.fakes.person_rows import row_about

from domain.user import User
from jobs.commit import CommitJobs, JobCompletion
from jobs.erasure import Traces, erase_done_jobs, erase_traces
from jobs.job_queue import JobQueue
from jobs.lease import Claim
from jobs.model import JobState, NewJob, Outcome
from jobs.tables import job, lane, timer
from services.erasure import MAX_WAIT, Eraser, Erasure
from storage.engine.database import metadata
from storage.engine.group_commit import GroupCommit, Transaction
from storage.people import erasure
from storage.tables.key_value import get, put
from storage.tables.suppressed import SALT

ANA = User("ana", "CO.1", "573001234567", "Ana")
JOHN = User("john", None, "15551234567", "John")


async def test_before_anybody_was_forgotten_nobody_is_known_again(database: GroupCommit) -> None:
    assert await erased(database, ANA, JOHN) == frozenset()
    assert await database.submit(Transaction(lambda c, _: get(c, SALT))) is None


async def erased(database: GroupCommit, *people: User) -> frozenset[str]:
    return await database.submit(Transaction(lambda c, _: erasure.erased(c, people)))


async def test_every_table_about_people_is_emptied(database: GroupCommit) -> None:
    import_every_table()
    about_people = [table for table in metadata.sorted_tables if "user_key" in table.c]
    assert about_people

    def fill(connection: Connection, _now: float) -> None:
        for table in about_people:
            for key in ("ana", "john"):
                connection.execute(table.insert().values(row_about(table, key)))

    def remaining(connection: Connection, _now: float) -> dict[str, list[str]]:
        return {
            table.name: list(connection.scalars(select(table.c.user_key))) for table in about_people
        }

    await database.submit(Transaction(fill))
    await database.submit(Transaction(lambda c, now: erasure.forget(c, ANA, now)))
    assert await database.submit(Transaction(remaining)) == {
        one.name: ["john"] for one in about_people
    }


LANES = ("in:1:ana", "in:2:ana", "out:1:ana", "nobody:1:ana")
OTHERS = ("in:1:john", "in:1:ANA", "in:1:x.ana", "other:1")


def eraser(database: GroupCommit, *served: str) -> Eraser:
    return Eraser(database, served, ("other",))


def asked_at(moment: datetime) -> Erasure:
    return Erasure(ANA, moment, (), "1")


async def stored(database: GroupCommit) -> set[tuple[str, str]]:
    """(table, lane) of what is left."""

    def read(connection: Connection, _now: float) -> set[tuple[str, str]]:
        columns = (job.c.lane, lane.c.name, timer.c.lane)
        found = ((one.table, connection.scalars(select(one))) for one in columns)
        return {(str(table), name) for table, names in found for name in names}

    return await database.submit(Transaction(read))


@pytest.mark.parametrize("state", JobState)
async def test_all_lanes_of_a_person_go_with_whatever_is_in_them(
    database: GroupCommit, clock: ManualClock, state: JobState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.erasure.SCAN_BATCH", 2)
    jobs = [NewJob(name, "note", "hello") for name in (*LANES, *OTHERS) for _ in range(3)]
    await JobQueue(database).enqueue(jobs)

    def prepare(connection: Connection, _now: float) -> None:
        connection.execute(update(job).values(state=state))
        new = {"lane": "in:1:ana", "name": "remind", "due_at": 1.0, "body": "{}"}
        connection.execute(timer.insert().values(new))

    await database.submit(Transaction(prepare))
    assert await eraser(database).erase(asked_at(clock()), now=clock())
    assert await stored(database) == {(table, name) for name in OTHERS for table in ("job", "lane")}


@pytest.mark.parametrize("state", [JobState.TODO, JobState.DEAD])
async def test_jobs_of_shared_lanes_that_name_a_person_go_too(
    database: GroupCommit, clock: ManualClock, state: JobState
) -> None:
    bodies = [f"from {ANA.wa_id}", {"user": ANA.user_id}, f"from {JOHN.wa_id}"]
    await JobQueue(database).enqueue([NewJob("other:1", "other", body) for body in bodies])

    def change_and_read(connection: Connection, _now: float) -> None:
        connection.execute(update(job).values(state=state))

    await database.submit(Transaction(change_and_read))
    assert await eraser(database).erase(asked_at(clock()), now=clock())
    left = await database.submit(Transaction(lambda c, _: c.scalars(select(job.c.body)).all()))
    assert left == [f'"from {JOHN.wa_id}"']


async def test_an_erasure_waits_an_hour_for_workers_and_not_for_absent_ones(
    database: GroupCommit, clock: ManualClock
) -> None:
    await JobQueue(database).enqueue([NewJob("in:1:ana", "note", "x")])
    began = clock()
    assert not await eraser(database, "in").erase(asked_at(began), now=began)
    assert ("job", "in:1:ana") in await stored(database)
    assert await eraser(database, "in").erase(asked_at(began), now=began + MAX_WAIT)
    assert await stored(database) == set()
    await JobQueue(database).enqueue([NewJob("in:1:ana", "note", "x")])
    assert await eraser(database, "out").erase(asked_at(began), now=began)
    assert await stored(database) == set()


async def test_a_job_that_ends_while_others_are_erased_leaves_no_row(
    database: GroupCommit, clock: ManualClock
) -> None:
    await JobQueue(database).enqueue([NewJob("in:1:ana", "note", "x", key=name) for name in "ab"])
    [held] = await database.submit(Claim(("in",), 1, 15.0))
    traces = Traces(["in:1:ana"], [], [])
    since = await erase_done_jobs(database, traces)
    ends = [JobCompletion(held.name, held.token, one.id) for one in held.jobs]
    for end in ends:
        assert await database.submit(CommitJobs(turn=end))
    await database.submit(Transaction(lambda c, _: erase_traces(c, traces, since=since)))
    assert await stored(database) == set()


async def test_whoever_works_for_an_erased_person_can_store_nothing(
    database: GroupCommit, clock: ManualClock
) -> None:
    await JobQueue(database).enqueue([NewJob("in:1:ana", "note", "x")])
    [held] = await database.submit(Claim(("in",), 1, 15.0))
    assert await eraser(database).erase(asked_at(clock()), now=clock())
    decided = Outcome({"name": "Ana"}, jobs=[NewJob("out:1:ana", "send", "Hello, Ana")])
    done = JobCompletion(held.name, held.token, held.jobs[0].id, decided, release=True)
    assert not await database.submit(CommitJobs(turn=done))
    assert await stored(database) == set()


async def test_small_things_are_kept(database: GroupCommit) -> None:
    async def kept(value: object) -> object:
        await database.submit(Transaction(lambda c, _: put(c, "hours", value)))
        return await database.submit(Transaction(lambda c, _: get(c, "hours")))

    assert await database.submit(Transaction(lambda c, _: get(c, "hours"))) is None
    assert await kept([1]) == [1]
    assert await kept({"a": "ñ"}) == {"a": "ñ"}

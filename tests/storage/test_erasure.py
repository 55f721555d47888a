"""Erasing a person, in both databases: every table, every lane, and small things that are kept."""

from sqlalchemy import Connection, select
from tests.fakes.clock import ManualClock
from tests.fakes.every_table import import_every_table
from tests.fakes.person_rows import row_about

from domain.user import User
from jobs.commit import CommitJobs
from jobs.job_queue import JobQueue
from jobs.maintenance import forget_done, forget_lanes, state_of
from jobs.model import NewJob
from storage.engine.database import metadata
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import Write
from storage.people import erasure
from storage.tables.key_value import get, put
from storage.tables.suppressed import SALT

ANA = User("ana", "CO.1", "573001234567", "Ana")
JOHN = User("john", None, "15551234567", "John")


async def write(database: GroupCommit, *writes: Write) -> None:
    await database.submit(CommitJobs(writes=writes))


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


async def test_busy_lanes_are_not_forgotten(database: GroupCommit, clock: ManualClock) -> None:
    lanes = ["in:1:ana", "out:1:ana"]
    await JobQueue(database).enqueue([NewJob(lanes[0], "note", "x")])
    forget = Transaction(lambda c, _: forget_lanes(c, lanes))
    assert not await database.submit(forget)
    await write(database, forget_done(1))  # it is not done: it stays
    assert not await database.submit(forget)

    def finish(connection: Connection, _now: float) -> None:
        connection.exec_driver_sql("UPDATE job SET state = 1")

    await database.submit(Transaction(finish))
    assert await database.submit(forget)
    assert await database.submit(Transaction(lambda c, _: state_of(c, lanes[0]))) == {}


async def test_small_things_are_kept(database: GroupCommit) -> None:
    async def kept(value: object) -> object:
        await database.submit(Transaction(lambda c, _: put(c, "hours", value)))
        return await database.submit(Transaction(lambda c, _: get(c, "hours")))

    assert await database.submit(Transaction(lambda c, _: get(c, "hours"))) is None
    assert await kept([1]) == [1]
    assert await kept({"a": "ñ"}) == {"a": "ñ"}

"""Tables about people: each says what happens to its rows, and nothing is left under an old key."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, ForeignKey, MetaData, Table, Text, select
from tests.fakes.bot import make_settings
from tests.fakes.every_table import import_every_table
from tests.fakes.person_rows import row_about

from app.composition.database import usable_engine
from app.composition.features import FeatureError
from domain.user import User
from flow_engine.faults import SourceLine
from storage.engine.database import UtcTimestamp, metadata
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import execute_writes
from storage.people.erasure import forget
from storage.person_rows import (
    PURGE_BATCH,
    blank,
    declare_detail,
    delete_by,
    delete_rows,
    keep_rows,
    leave_rows,
    move_rows,
    move_single_row,
    older_than,
)
from storage.person_table import (
    declare_person_table,
    forget_words,
    merge_users,
    person_tables,
    undeclared_tables,
)

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
ANA = User("ana", "CO.1", "573001234567", "Ana")

import_every_table()


@pytest.fixture
def booking() -> Iterator[Table]:
    """A table about people that a fork adds, and that is gone after the test."""
    table = Table(
        "booking",
        metadata,
        Column("id", Text, primary_key=True),
        Column("user_key", Text, nullable=False),
        Column("wishes", Text),
        Column("at", UtcTimestamp, nullable=False),
    )
    yield table
    metadata.remove(table)


async def run(database: GroupCommit, do: Any, *arguments: Any, **named: Any) -> None:
    await database.submit(Transaction(lambda c, _: do(c, *arguments, **named)))


async def fill(database: GroupCommit, table: Table, **rows: tuple[str, datetime]) -> None:
    def store(connection: Connection, _now: float) -> None:
        table.create(connection, checkfirst=True)
        for name, (key, at) in rows.items():
            row = {"id": name, "user_key": key, "wishes": "window", "at": at}
            connection.execute(table.insert().values(row))

    await database.submit(Transaction(store))


async def values(database: GroupCommit, column: Column[Any]) -> list[Any]:
    query = select(column).order_by(column)
    return await database.submit(Transaction(lambda c, _: list(c.scalars(query))))


def test_every_table_about_people_says_what_happens_to_its_rows() -> None:
    assert undeclared_tables() == []
    assert {declared.table.name for declared in person_tables()} >= {"users", "consent", "record"}


def test_a_table_about_people_that_says_nothing_stops_the_start(
    booking: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert undeclared_tables() == ["booking"]
    settings = make_settings(database_url=f"sqlite:///{tmp_path / 'bot.db'}", role="all")
    with pytest.raises(FeatureError) as caught, usable_engine(settings):
        pass
    said = (
        "the table booking is about people, and erasing and merging do not know it. "
        "Call declare_person_table (storage/person_table.py) beside it."
    )
    assert str(caught.value) == said
    monkeypatch.setattr(sys.modules[__name__], "a_table", booking, raising=False)
    with pytest.raises(FeatureError) as caught, usable_engine(settings):
        pass
    source = Path(__file__).read_text().splitlines()
    line = source.index('        "booking",') + 1
    assert str(caught.value) == f"{SourceLine(__file__, line)}: {said}"
    assert not (tmp_path / "bot.db").exists()


def test_a_column_that_refers_to_people_makes_a_table_one_about_people() -> None:
    tables = MetaData()
    Table("users", tables, Column("key", Text, primary_key=True))
    Table("visit", tables, Column("who", Text, ForeignKey("users.key")))
    assert undeclared_tables(tables) == ["visit"]


async def test_after_a_merge_nothing_is_under_the_old_key(database: GroupCommit) -> None:
    declared = [one for one in person_tables() if "user_key" in one.table.c]

    def store(connection: Connection, _now: float) -> None:
        for one in declared:
            connection.execute(one.table.insert().values(row_about(one.table, "old")))

    await database.submit(Transaction(store))
    await run(database, merge_users, into="new", other="old")
    for one in declared:
        expected = "old" if one.on_merge is leave_rows else "new"
        assert await values(database, one.key) == [expected]


async def test_a_table_of_a_fork_is_merged_forgotten_and_erased(
    database: GroupCommit, booking: Table
) -> None:
    declare_person_table(
        booking, on_erase=delete_rows, on_merge=move_rows, on_forget=blank(booking.c.wishes)
    )
    await fill(database, booking, a=("old", NOW), b=("john", NOW))
    await run(database, merge_users, into="ana", other="old")
    assert await values(database, booking.c.user_key) == ["ana", "john"]
    await run(database, execute_writes, forget_words("ana"))
    assert await values(database, booking.c.wishes) == ["", "window"]
    await run(database, forget, ANA, NOW.timestamp())
    assert await values(database, booking.c.user_key) == ["john"]


async def test_a_table_may_delete_on_request_and_keep_what_a_law_asks_for(
    database: GroupCommit, booking: Table
) -> None:
    forgotten = delete_by(booking.c.user_key)
    declare_person_table(booking, on_erase=keep_rows, on_merge=leave_rows, on_forget=forgotten)
    await fill(database, booking, a=("ana", NOW), b=("john", NOW))
    await run(database, forget, ANA, NOW.timestamp())
    await run(database, merge_users, into="other", other="ana")
    assert await values(database, booking.c.user_key) == ["ana", "john"]
    await run(database, execute_writes, forget_words("ana"))
    assert await values(database, booking.c.user_key) == ["john"]


async def test_old_rows_go_in_batches_with_their_details(
    database: GroupCommit, booking: Table
) -> None:
    guest = Table("guest", MetaData(), Column("booking_id", Text, primary_key=True))
    declare_detail(guest.c.booking_id, of=booking)
    purge = older_than(timedelta(days=30), booking.c.at)
    old = {f"old {number:04}": ("ana", NOW - timedelta(days=31)) for number in range(PURGE_BATCH)}
    await fill(database, booking, **old, older=("ana", NOW - timedelta(days=99)), new=("ana", NOW))

    def store(connection: Connection, _now: float) -> None:
        guest.create(connection)
        for row in (*old, "older", "new"):
            connection.execute(guest.insert().values(booking_id=row))

    await database.submit(Transaction(store))
    purged = [
        await database.submit(Transaction(lambda c, _: purge(c, NOW.timestamp()))) for _ in range(3)
    ]
    assert purged == [PURGE_BATCH, 1, 0]
    assert await values(database, booking.c.id) == ["new"]
    assert await values(database, guest.c.booking_id) == ["new"]


def points(tables: MetaData) -> Table:
    return Table(
        "points", tables, Column("user_key", Text, primary_key=True), Column("count", Text)
    )


def test_a_merge_cannot_give_a_person_a_second_row_where_one_may_be() -> None:
    table = points(MetaData())
    with pytest.raises(ValueError, match=r"points has one row per person.*move_single_row"):
        declare_person_table(table, on_erase=delete_rows, on_merge=move_rows, on_forget=None)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"old": "7"}, {"new": "7"}),
        ({"old": "7", "new": "1"}, {"new": "1"}),
        ({"new": "1"}, {"new": "1"}),
    ],
)
async def test_the_single_row_of_who_goes_on_wins(
    database: GroupCommit, before: dict[str, str], after: dict[str, str]
) -> None:
    table = points(MetaData())

    def merge(connection: Connection, _now: float) -> dict[str, str]:
        table.create(connection)
        for key, count in before.items():
            connection.execute(table.insert().values(user_key=key, count=count))
        move_single_row(connection, table.c.user_key, into="new", other="old")
        return dict(map(tuple, connection.execute(select(table))))

    assert await database.submit(Transaction(merge)) == after

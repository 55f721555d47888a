"""Free fields of a person's profile, in both databases: set, removed, merged and forgotten."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from domain.user import User
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import Write, execute_writes
from storage.person_table import merge_users
from storage.tables import users
from storage.tables.users import PROFILE_FIELDS, Users, user

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
ANA = User("ana", "CO.1", "573001234567", "Ana")


async def store(database: GroupCommit, *writes: Write) -> None:
    await database.submit(Transaction(lambda connection, _: execute_writes(connection, writes)))


async def ana(database: GroupCommit, *changes: dict[str, Any]) -> User:
    """Ana after these changes, each in a transaction of its own."""
    await store(database, users.add(ANA))
    for values in changes:
        await store(database, users.change("ana", values))
    return await Users(database).get("ana")


async def stored(database: GroupCommit) -> Any:
    """What the database itself holds: NULL takes no time to read."""
    query = select(user.c.profile).where(user.c.key == "ana")
    return await database.submit(Transaction(lambda connection, _: connection.scalar(query)))


async def test_names_without_a_column_are_kept_in_the_profile(database: GroupCommit) -> None:
    found = await ana(database, {"email": "ana@example.org", "full_name": "Ana Gómez"})
    assert (found.full_name, found.profile) == ("Ana Gómez", {"email": "ana@example.org"})
    assert await ana(database) == found


async def test_a_person_without_free_fields_has_an_empty_profile(database: GroupCommit) -> None:
    assert (await ana(database, {"about": "a canary"})).profile == {}
    assert await stored(database) is None
    assert User("nobody").profile == {}


async def test_other_names_of_the_profile_stay_as_they_are(database: GroupCommit) -> None:
    found = await ana(database, {"email": "a", "size": 3}, {"email": "b"}, {"vip": True})
    assert found.profile == {"email": "b", "size": 3, "vip": True}


async def test_none_removes_a_name_and_the_last_one_empties_the_column(
    database: GroupCommit,
) -> None:
    found = await ana(database, {"email": "a", "size": 3}, {"email": None, "vip": False})
    assert found.profile == {"size": 3, "vip": False}
    assert (await ana(database, {"size": None, "vip": None, "never": None})).profile == {}
    assert await stored(database) is None


@pytest.mark.parametrize(
    "value",
    ["", "ñandú", 'a "quoted" \\ text', 0, -1.5, 10**15, True, [], ["a", None], {"b": None}, {}],
)
async def test_any_json_value_comes_back_as_it_was(database: GroupCommit, value: Any) -> None:
    assert (await ana(database, {"answer": {"a": 1}}, {"answer": value})).profile["answer"] == value


async def test_dates_become_texts_and_what_no_database_holds_becomes_a_sign(
    database: GroupCommit,
) -> None:
    found = await ana(
        database, {"arrival": date(2027, 1, 2), "at": NOW, "odd": "a\0b", "half": "\ud800"}
    )
    assert found.profile == {
        "arrival": "2027-01-02",
        "at": "2026-11-21T10:00:00+00:00",
        "odd": "a\ufffdb",
        "half": "?",
    }


@pytest.mark.parametrize("name", ["", "e mail", 'a"b', "1st"])
def test_a_name_that_is_none_is_an_error(name: str) -> None:
    with pytest.raises(ValueError, match="needs a name"):
        users.change("ana", {name: 1})


async def test_who_deletes_their_data_has_no_profile(database: GroupCommit) -> None:
    found = await ana(database, {"email": "a", "full_name": "Ana"}, dict.fromkeys(PROFILE_FIELDS))
    assert found == ANA
    assert await stored(database) is None


async def test_a_profile_can_be_replaced_as_a_whole(database: GroupCommit) -> None:
    found = await ana(database, {"email": "a"}, {"profile": {"size": 3, "vip": True}, "vip": None})
    assert found.profile == {"size": 3}


async def test_merging_unites_profiles_and_the_row_that_goes_on_wins(
    database: GroupCommit,
) -> None:
    await ana(database, {"email": "new", "address": {"city": "Cali"}})
    await store(database, users.add(User("old")))
    before = {"email": "old", "size": 3, "address": {"street": "5"}}
    await store(database, users.change("old", before))
    await database.submit(Transaction(lambda c, _: merge_users(c, into="ana", other="old")))
    found = await Users(database).get("ana")
    assert found.profile == {"email": "new", "size": 3, "address": {"city": "Cali"}}
    query = select(user.c.profile).where(user.c.key == "old")
    assert await database.submit(Transaction(lambda c, _: c.scalar(query))) is None


async def test_a_changed_person_is_the_one_that_is_read_back(database: GroupCommit) -> None:
    changes: list[dict[str, Any]] = [
        {"email": "a", "arrival": date(2027, 1, 2), "about": "a canary"},
        {"email": None, "size": 3},
        {"profile": {"vip": True}, "size": 4},
        {"profile": None},
    ]
    expected = ANA
    for values in changes:
        expected = expected.with_changes(values)
        assert await ana(database, values) == expected

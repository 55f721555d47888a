"""A person who was known by their number, then by a username, turns out to be one person."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, select
from tests.fakes.bot import ANA, BotHarness, sender_of
from tests.fakes.known_twice import (
    BSUID,
    OWNER,
    PHONE,
    WORDS,
    merge,
    owners,
    store,
    tables_with,
    write_by_phone,
)

from domain.inbound import Sender
from storage.engine.group_commit import GroupCommit, Transaction
from storage.people.erasure import forget
from storage.people.identities import Identities
from storage.tables import consents, deliveries, records, users
from storage.tables.users import Users, user

MENU = "¡Hola! ¿Qué te gustaría hacer?"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[BotHarness]:
    """Ana has written without her number, and before that with nothing else."""
    town = BotHarness(tmp_path)
    await town.start()
    town.person(ANA).hides_phone = True
    await town.say("hola")
    await write_by_phone(town, WORDS)
    await town.settle()
    yield town
    await town.stop()


async def row_of(database: GroupCommit, key: str) -> Row[Any]:
    query = select(user).where(user.c.key == key)
    return await database.submit(Transaction(lambda connection, _: connection.execute(query).one()))


async def known_twice(database: GroupCommit) -> None:
    """A row of each of the core's tables under the number, and another person under the id."""
    await merge(
        database,
        records.add("bookings", {"for": "Ana"}, **OWNER),
        consents.add("C", event="agreed", detail=None, **OWNER),
        deliveries.add("D", kind="text", **OWNER),
    )


async def test_all_that_was_known_moves_and_the_other_row_is_empty(database: GroupCommit) -> None:
    await known_twice(database)
    person = await Users(database).get(BSUID)
    assert (person.wa_id, person.full_name, person.status) == (PHONE, "Ana Gómez", "Blocked")
    left = (await row_of(database, PHONE))._asdict()
    assert {name: value for name, value in left.items() if value is not None} == {
        "key": PHONE,
        "merged_into": BSUID,
    }
    assert await owners(database) == {
        **dict.fromkeys(("record", "consent"), BSUID),
        "delivery": PHONE,  # only counted
    }


async def test_the_old_key_leads_to_the_person(database: GroupCommit) -> None:
    await known_twice(database)
    assert await Users(database).get(PHONE) == await Users(database).get(BSUID)


async def test_nothing_is_left_of_a_person_who_was_two(database: GroupCommit) -> None:
    await known_twice(database)
    await store(database, records.add("late", {"under": "the old key"}, **OWNER))
    person = await Users(database).get(BSUID)
    await database.submit(Transaction(lambda connection, now: forget(connection, person, now)))
    assert await tables_with(database, PHONE, BSUID, "Ana", WORDS) == []


async def test_a_number_that_was_given_to_somebody_else_brings_nothing_along(
    database: GroupCommit,
) -> None:
    identities = Identities(database)
    await identities.resolve([Sender(user_id=BSUID, wa_id=PHONE)])
    await store(database, users.change(BSUID, {"full_name": "Ana Gómez"}))
    await identities.resolve([Sender(user_id="CO.2")])
    assert await identities.resolve([Sender(user_id="CO.2", wa_id=PHONE)]) == ["CO.2"]
    stranger, before = [await Users(database).get(key) for key in ("CO.2", BSUID)]
    assert (stranger.wa_id, stranger.full_name) == (PHONE, None)
    assert (before.wa_id, before.full_name) == (None, "Ana Gómez")


async def test_what_waited_under_the_old_key_is_answered(town: BotHarness) -> None:
    await write_by_phone(town, "hola")
    town.person(ANA).hides_phone = False
    await Identities(town.database).resolve([sender_of(town.person(ANA))])
    assert await town.wait(0) == [MENU]


async def test_a_form_of_before_reminds_nobody(town: BotHarness) -> None:
    await write_by_phone(town, "registrarme")
    await town.settle()
    town.person(ANA).hides_phone = False
    await town.say("hola")
    assert await town.wait(60) == await town.wait(60) == []

"""Somebody who was known by their number, then by a username, turns out to be one person."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Row, select
from tests.fakes.bot import ANA, BotHarness, sender_of
from tests.fakes.operators import sync
from tests.fakes.web import sign, text_message, webhook

from domain.inbound import Sender
from emulator.airtable.testing import AirtableDouble
from emulator.openai.testing import OpenAIDouble
from features.airtable.tables import contacts as desk
from features.airtable.tables import messages
from features.faq import unanswered
from features.handoff import tickets
from jobs.maintenance import states_of
from storage.engine.database import metadata
from storage.engine.group_commit import GroupCommit, Transaction
from storage.engine.write import Write, execute_writes
from storage.people.erasure import forget
from storage.people.identities import Identities
from storage.tables import consents, deliveries, records, users
from storage.tables.users import Users, user

BSUID = "CO.13491208655302741918"
PHONE = "573001234567"
NOW = datetime(2027, 1, 1, tzinfo=UTC)
WORDS = "tengo un canario"
MENU = "¡Hola! ¿Qué te gustaría hacer?"


@pytest.fixture
async def town(
    tmp_path: Path, airtable: AirtableDouble, openai: OpenAIDouble
) -> AsyncIterator[BotHarness]:
    """Ana has written without her number, and before that with nothing else."""
    town = BotHarness(tmp_path, airtable=airtable, openai=openai, airtable_messages_days=7)
    await town.start()
    await town.settle()
    town.person(ANA).hides_phone = True
    await town.say("hola")
    await write_by_phone(town, WORDS)
    await town.settle()
    await sync(town)
    yield town
    await town.stop()


async def write_by_phone(town: BotHarness, text: str) -> None:
    """As before there were user ids."""
    message = text_message(f"wamid.{text}", text, ANA)
    del message["from_user_id"]
    raw = json.dumps(webhook(message)).encode()
    await town.state.webhooks.receive(raw, sign(raw))


async def store(database: GroupCommit, *writes: Write) -> None:
    await database.submit(Transaction(lambda connection, _: execute_writes(connection, writes)))


async def row_of(database: GroupCommit, key: str) -> Row[Any]:
    query = select(user).where(user.c.key == key)
    return await database.submit(Transaction(lambda connection, _: connection.execute(query).one()))


async def known_twice(database: GroupCommit) -> None:
    """Something of every kind under the number, and another row under the user id."""
    who: Any = {"user_key": PHONE, "at": NOW}
    await Identities(database).resolve([Sender(wa_id=PHONE, profile_name="Ana")])
    await Identities(database).resolve([Sender(user_id=BSUID)])
    await store(
        database,
        users.change(PHONE, {"full_name": "Ana Gómez", "status": "Blocked", "marketing_at": NOW}),
        records.add("bookings", {"for": "Ana"}, **who),
        tickets.open_("T", asked=WORDS, **who),
        consents.add("C", event="agreed", detail=None, **who),
        messages.add("M", direction="in", kind="text", text=WORDS, **who),
        unanswered.add("U", question=WORDS, language="es", **who),
        deliveries.add("D", kind="text", **who),
        desk.touch(PHONE, phone_number_id="1", at=NOW, message=WORDS),
    )
    both = Sender(user_id=BSUID, wa_id=PHONE)
    assert await Identities(database).resolve([both]) == [BSUID]


async def tables_with(database: GroupCommit, *words: str) -> list[str]:
    """Where something of it can be found."""

    def search(connection: Connection, _now: float) -> list[str]:
        return [
            table.name
            for table in metadata.sorted_tables
            for row in connection.execute(select(table))
            if any(word in str(row) for word in words)
        ]

    return await database.submit(Transaction(search))


async def test_all_that_was_known_moves_and_the_other_row_is_empty(database: GroupCommit) -> None:
    await known_twice(database)
    person = await Users(database).get(BSUID)
    assert (person.wa_id, person.full_name, person.status) == (PHONE, "Ana Gómez", "Blocked")
    left = (await row_of(database, PHONE))._asdict()
    assert {name: value for name, value in left.items() if value is not None} == {
        "key": PHONE,
        "merged_into": BSUID,
    }
    owned = [table for table in metadata.sorted_tables if "user_key" in table.c]

    def owners(connection: Connection, _now: float) -> dict[str, str]:
        found = {one.name: connection.scalar(select(one.c.user_key)) for one in owned}
        return {name: owner for name, owner in found.items() if owner}

    assert await database.submit(Transaction(owners)) == {
        **dict.fromkeys(("record", "ticket", "consent", "message", "unanswered"), BSUID),
        "delivery": PHONE,  # only counted
    }


async def test_the_old_key_leads_to_the_person(database: GroupCommit) -> None:
    await known_twice(database)
    assert await Users(database).get(PHONE) == await Users(database).get(BSUID)


async def test_nothing_is_left_of_a_person_who_was_two(database: GroupCommit) -> None:
    await known_twice(database)
    await store(database, records.add("late", {"under": "the old key"}, user_key=PHONE, at=NOW))
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


@pytest.mark.parametrize("contact", ["the one that goes on", "the other"])
async def test_whoever_was_two_contacts_is_erased_from_either(
    town: BotHarness, airtable: AirtableDouble, contact: str
) -> None:
    await write_by_phone(town, "asesor")
    await sync(town)
    town.person(ANA).hides_phone = False
    await town.say("hola")
    await sync(town)
    await sync(town)
    found = airtable.rows("Contacts")
    [other] = [row for row in found if "The same person as" in row.get("Problem", "")]
    [going_on] = [row for row in found if row.get("Phone") == f"+{ANA}"]
    assert len(found) == 2
    assert "Name" not in other
    key = (other if contact == "the other" else going_on)["Contact"]
    edit(airtable, key, Erase_requested=True)
    await sync(town)
    await sync(town)
    person = town.person(ANA)
    assert await tables_with(town.database, ANA, person.user_id, "canario", "asesor") == []
    assert airtable.rows("Contacts") == airtable.rows("Tickets") == airtable.rows("Messages") == []


def edit(airtable: AirtableDouble, key: str, **cells: Any) -> None:
    table = airtable.table("Contacts")
    field = table.field("Contact").id
    [record] = [one for one in table.records.values() if one.cells[field] == key]
    airtable.edit("Contacts", record, **cells)


async def test_whoever_deletes_their_data_deletes_the_talk_of_before(town: BotHarness) -> None:
    town.person(ANA).hides_phone = False
    await town.say("borrar mis datos")
    assert "canario" in str(await talks(town))
    await town.tap("sure.yes")
    assert "canario" not in str(await talks(town))


async def talks(town: BotHarness) -> Any:
    return await town.database.submit(Transaction(lambda c, _: states_of(c, "in")))


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

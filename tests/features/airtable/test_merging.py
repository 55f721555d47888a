"""What operators see of a person who was known twice."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.fakes.bot import ANA, BotHarness
from tests.fakes.known_twice import (
    BSUID,
    OWNER,
    PHONE,
    WORDS,
    merge,
    owners,
    tables_with,
    write_by_phone,
)
from tests.fakes.operators import erase, sync

from emulator.airtable.tables import Record
from emulator.airtable.testing import AirtableDouble
from emulator.openai.testing import OpenAIDouble
from features.airtable.tables import contacts as desk
from features.airtable.tables import messages
from storage.engine.group_commit import GroupCommit, Transaction
from storage.people.erasure import forget
from storage.tables.users import Users


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


async def test_messages_and_contact_of_the_old_row_go_with_the_person(
    database: GroupCommit,
) -> None:
    await merge(
        database,
        messages.add("M", direction="in", kind="text", text=WORDS, **OWNER),
        desk.touch(PHONE, phone_number_id="1", message=WORDS, waits=True),
    )
    assert await owners(database) == {"message": BSUID}
    person = await Users(database).get(BSUID)
    await database.submit(Transaction(lambda connection, now: forget(connection, person, now)))
    assert await tables_with(database, PHONE, BSUID, "Ana", WORDS) == []


@pytest.mark.needs("assistant", "handoff")
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
    key = (other if contact == "the other" else going_on)["Key"]
    await erase(town, airtable, of_key(airtable, key))
    await sync(town)
    person = town.person(ANA)
    assert await tables_with(town.database, ANA, person.user_id, "canario", "asesor") == []
    assert airtable.rows("Contacts") == airtable.rows("Tickets") == airtable.rows("Messages") == []


def of_key(airtable: AirtableDouble, key: str) -> Record:
    table = airtable.table("Contacts")
    field = table.field("Key").id
    [found] = [one for one in table.records.values() if one.cells[field] == key]
    return found

"""What operators correct in Airtable counts, checked by the rules of the forms."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select
from tests.fakes.bot import ANA, JOHN, BotHarness
from tests.fakes.operators import BUSY, contact, record, sync, write

from emulator.airtable.testing import AirtableDouble
from emulator.airtable.workspace import Trouble
from features.airtable.tables.change_log import change_log
from storage.engine.group_commit import Transaction

ABOUT = "I bake bread and teach others how to do it."
OTHER = "573009998877"


@pytest.fixture
async def town(tmp_path: Path, airtable: AirtableDouble) -> AsyncIterator[BotHarness]:
    town = BotHarness(tmp_path, airtable=airtable)
    await town.start()
    await town.settle()
    yield town
    await town.stop()


async def register(town: BotHarness) -> None:
    for answer in ("register", "Ana Gomes", "PASSPORT", "AB123456", "25/12/1990", ABOUT):
        await town.say(answer)
    await town.tap("yes")
    await sync(town)


async def changes(town: BotHarness) -> list[tuple[Any, ...]]:
    of = change_log.c

    def find(connection: Connection, _now: float) -> list[tuple[Any, ...]]:
        query = select(of.field, of.before, of.after, of.changed_by).order_by(of.id)
        return [
            (name, json.loads(before), json.loads(after), who)
            for name, before, after, who in connection.execute(query)
        ]

    return await town.database.submit(Transaction(find))


async def test_a_corrected_name_and_birth_date_are_the_persons(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await register(town)
    airtable.edit("Contacts", record(airtable), Full_name="Ana Gómez", Birth_date="1991-12-25")
    await sync(town)
    await sync(town)
    user = await town.user()
    assert (user.full_name, str(user.birth_date)) == ("Ana Gómez", "1991-12-25")
    row = contact(airtable)
    assert (row["Full name"], row["Name"], row["Birth date"]) == (
        "Ana Gómez",
        "Ana Gómez",
        "1991-12-25",
    )
    assert row["Contact"] == "Ana Gómez · 4567"
    assert "Problem" not in row
    assert ("Full name", "Ana Gomes", "Ana Gómez", "operators") in await changes(town)


async def test_a_refused_correction_says_why_and_the_old_value_stays(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await register(town)
    airtable.edit("Contacts", record(airtable), Birth_date="2999-01-01", Full_name="Ana 2")
    await sync(town)
    await sync(town)
    row = contact(airtable)
    assert (
        "Birth date: “2999-01-01” was not taken over: it has to be a day in the past. The bot keeps"
        in row["Problem"]
    )
    assert "Full name: “Ana 2” was not taken over: a first and a last name" in row["Problem"]
    assert (row["Birth date"], row["Full name"]) == ("1990-12-25", "Ana Gomes")
    assert str((await town.user()).birth_date) == "1990-12-25"
    airtable.edit("Contacts", record(airtable), Birth_date="1992-01-01")
    await town.restart()  # all cells are read again, and nothing is lost
    await sync(town)
    await sync(town)
    [line] = contact(airtable)["Problem"].splitlines()
    assert line.startswith("Full name: ")
    await town.say("editar mis datos")
    await town.tap("full_name")
    await town.say("Ana New")
    await sync(town)
    assert "Problem" not in contact(airtable)
    airtable.edit("Contacts", record(airtable), Full_name="Ana 2")
    await sync(town)
    await sync(town)
    assert "The bot keeps “Ana New”." in contact(airtable)["Problem"]
    await town.wait(2 * 24 * 3600)
    await sync(town)
    assert "Problem" not in contact(airtable)


async def test_any_name_is_kept_until_somebody_has_registered(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    """Also if they write, and WhatsApp tells another name."""
    made = write(airtable, "Contacts", Name="Rosa", Phone=f"+{OTHER}")
    for _ in range(3):
        await sync(town)
    row = contact(airtable, OTHER)
    assert (row["Name"], row["Contact"], row.get("Problem")) == ("Rosa", "Rosa · 8877", None)
    town.person(OTHER).introduce("rosita_99", hides_phone=False)
    await town.say("hello", OTHER)
    assert (await town.user(OTHER)).first_name == "Rosa"
    await sync(town)
    assert contact(airtable, OTHER)["Name"] == "Rosa"
    airtable.edit("Contacts", made, Name="Rosa Paz")
    airtable.edit("Contacts", made, **{"Registered at": "2026-11-01T10:00:00.000Z"})
    await sync(town)
    await sync(town)
    airtable.edit("Contacts", made, Name="Rosa 2")
    await sync(town)
    await sync(town)
    row = contact(airtable, OTHER)
    assert row["Name"] == "Rosa Paz"
    assert row["Problem"].startswith("Name: “Rosa 2” was not taken over")


async def test_contacts_that_programs_add_are_found_when_all_is_read_again(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("hello")
    await sync(town)
    table = airtable.table("Contacts")
    cells = table.read({"Name": "Rosa", "Phone": f"+{OTHER}"}, typecast=True)
    airtable.bases.create(airtable.config.base_id, table, cells, "publicApi")
    status = table.read({"Status": "Human"}, typecast=True)
    airtable.bases.update(airtable.config.base_id, table, record(airtable), status, "publicApi")
    await town.wait(3600)
    for _ in range(4):
        await sync(town)
    assert contact(airtable, OTHER)["Contact"] == "Rosa · 8877"
    assert (await town.user()).status == "Human"


async def test_a_corrected_document_is_read_in_two_parts(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await register(town)
    airtable.edit("Contacts", record(airtable), Document="CC 1.020.300")
    await sync(town)
    await sync(town)
    user = await town.user()
    assert (user.id_type, user.id_number) == ("CC", "1020300")
    airtable.edit("Contacts", record(airtable), Document="passport AB998877")
    await sync(town)
    await sync(town)
    assert contact(airtable)["Document"] == "PASSPORT AB998877"
    airtable.edit("Contacts", record(airtable), Document="1020300")
    await sync(town)
    await sync(town)
    assert "write its kind and its number" in contact(airtable)["Problem"]


async def test_the_later_of_two_changes_wins(town: BotHarness, airtable: AirtableDouble) -> None:
    await register(town)
    airtable.workspace.trouble = Trouble(BUSY)  # Airtable is away
    airtable.edit("Contacts", record(airtable), Full_name="Ana Old")
    await town.wait(30)
    await town.say("editar mis datos")
    await town.tap("full_name")
    await town.say("Ana New")
    assert (await town.user()).full_name == "Ana New"
    airtable.workspace.trouble = Trouble()
    await town.wait(30)
    await sync(town)
    await sync(town)
    assert (await town.user()).full_name == "Ana New"
    assert contact(airtable)["Full name"] == "Ana New"
    assert ("Full name", "Ana New", "Ana Old", "operators, too late") in await changes(town)


async def test_a_correction_while_the_bot_is_away_is_not_lost(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await register(town)
    await town.stop()
    airtable.edit("Contacts", record(airtable), Full_name="Ana Gómez")
    await town.start()
    await sync(town)
    await sync(town)
    assert (await town.user()).full_name == "Ana Gómez"


async def test_a_correction_is_found_though_airtable_has_forgotten_the_webhook(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await register(town)
    await town.stop()
    airtable.edit("Contacts", record(airtable), Full_name="Ana Gómez")
    await town.start()
    await town.wait(8 * 24 * 3600)
    for _ in range(4):
        await sync(town)
    assert (await town.user()).full_name == "Ana Gómez"


async def test_of_two_operators_the_last_one_wins(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await register(town)
    airtable.edit("Contacts", record(airtable), Full_name="Ana One", About=ABOUT + " Daily.")
    airtable.edit("Contacts", record(airtable), Full_name="Ana Two")
    await sync(town)
    await sync(town)
    user = await town.user()
    assert (user.full_name, user.about) == ("Ana Two", ABOUT + " Daily.")


@pytest.mark.parametrize("phone", [f"+{OTHER}", "+57 300 999-88-77", "00573009998877", OTHER])
async def test_a_contact_added_by_hand_is_adopted_by_its_number(
    town: BotHarness, airtable: AirtableDouble, phone: str
) -> None:
    write(
        airtable,
        "Contacts",
        Name="Carla Ruiz",
        Phone=phone,
        Registered_at="2026-11-20T10:00:00.000Z",
        Tags=["vip"],
    )
    for _ in range(3):
        await sync(town)
    [row] = airtable.rows("Contacts")
    assert (row["Phone"], row["Contact"]) == (f"+{OTHER}", "Carla Ruiz · 8877")
    assert row["Status"] == "Bot"
    [greeting] = await town.say("hola", OTHER)
    assert "Carla" in greeting
    offered = [one["id"] for one in town.choices(OTHER)]
    assert offered
    assert not [one for one in offered if one.endswith("register")]
    await sync(town)
    assert len(airtable.rows("Contacts")) == 1
    user = await town.user(OTHER)
    assert user.is_registered
    assert user.full_name == "Carla Ruiz"


async def test_a_number_from_which_somebody_wrote_counts_though_no_plan_has_it(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("hello", JOHN)
    await sync(town)
    airtable.bases.delete(
        airtable.config.base_id, airtable.table("Contacts"), record(airtable, JOHN), "client"
    )
    await sync(town)
    made = write(airtable, "Contacts", Name="John Doe", Phone="+1 555 123 4567")
    for _ in range(3):
        await sync(town)
    problem = airtable.table("Contacts").field("Problem").id
    assert "country code" not in str(made.cells.get(problem))
    key = airtable.table("Contacts").field("Key").id
    assert (await town.user(JOHN)).key in [
        one.cells.get(key) for one in airtable.table("Contacts").records.values()
    ]


async def test_a_contact_added_for_somebody_who_is_known_is_a_copy(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await register(town)
    made = write(airtable, "Contacts", Name="Ana", Phone="+57 300 123 45 67")
    await sync(town)
    await sync(town)
    problem = airtable.table("Contacts").field("Problem").id
    assert made.cells[problem].startswith("This person has another contact, Ana Gomes")
    airtable.edit("Contacts", record(airtable), Full_name="Ana Gómez")
    await sync(town)
    await sync(town)
    assert (await town.user()).full_name == "Ana Gómez"


async def test_a_duplicated_contact_does_not_stop_the_first_one(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await register(town)
    first = record(airtable)
    table = airtable.table("Contacts")
    copy = airtable.bases.create(airtable.config.base_id, table, dict(first.cells), "client")
    await town.say("hola")
    await sync(town)
    await sync(town)
    assert first.cells[table.field("Last message").id] == "hola"
    assert copy.cells[table.field("Problem").id].startswith("This person has another contact")


async def test_a_number_without_a_country_is_said_in_problem(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    table = airtable.table("Contacts")
    problem = table.field("Problem").id
    made = write(airtable, "Contacts", Name="Ana", Phone="300 123")
    for phone, told in (
        ("+1 (555) 987-6543", "no number that begins with +1 looks like this"),
        ("987 6543", "country code"),
        ("", None),
    ):
        airtable.edit("Contacts", made, Phone=phone)
        await sync(town)
        await sync(town)
        assert (told or "") in made.cells.get(problem, "")
    assert problem not in made.cells
    airtable.edit("Contacts", made, Phone="+57 300 999 8877")
    for _ in range(3):
        await sync(town)
    assert made.cells[table.field("Phone").id] == f"+{OTHER}"
    assert ANA not in str(airtable.rows("Contacts"))


async def test_what_people_delete_is_forgotten_in_the_change_log_too(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await register(town)
    airtable.edit("Contacts", record(airtable), Full_name="Ana Gómez")
    await sync(town)
    assert await changes(town)
    await town.say("borrar mis datos")
    await town.tap("yes")
    assert await changes(town) == []
    await sync(town)
    assert "Full name" not in contact(airtable)

"""What flows save is a table in Airtable, and the status that operators set counts."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select
from tests.fakes.bot import ANA, JOHN, BotHarness
from tests.fakes.captured_log import captured_log
from tests.fakes.fork import README, add_flow, of_the_readme, texts_of_the_readme
from tests.fakes.operators import OneRefused, erase, record, record_of, sync, write

from app.checks.unstarted_bot import build_unstarted_bot
from emulator.airtable.testing import AirtableDouble
from features.airtable.record_adoption import FORGOTTEN
from features.airtable.record_jobs import IN_FORM, NO_TEMPLATE, OPTED_OUT
from flow_engine import Flow, Say, StartFlow, StatusAction
from storage.engine.group_commit import Transaction
from storage.tables import records

CONFIRMED = "Your table for 4 (Today) is confirmed. See you!"


def booking_of_the_readme() -> tuple[Flow[Any], str]:
    code, texts = of_the_readme("booking", "book")
    module: dict[str, Any] = {}
    exec(code, module)
    return module["booking"], texts


@pytest.fixture
def booking() -> Flow[Any]:
    return booking_of_the_readme()[0]


@pytest.fixture
async def town(
    tmp_path: Path, airtable: AirtableDouble, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[BotHarness]:
    add_flow(monkeypatch, tmp_path, *booking_of_the_readme())
    town = BotHarness(tmp_path, airtable=airtable)
    await town.start()
    await town.settle()
    yield town
    await town.stop()


async def book(town: BotHarness) -> None:
    await town.say("book")
    await town.say("4")
    await town.tap("today")
    await town.tap("yes")


async def stored(town: BotHarness) -> list[records.SavedRecord]:
    def find(connection: Connection, _now: float) -> list[records.SavedRecord]:
        rows = connection.execute(select(*records.RECORD_COLUMNS))
        return [records.SavedRecord(*row) for row in rows]

    return await town.database.submit(Transaction(find))


async def test_the_booking_of_the_readme_reaches_operators_and_its_status_the_person(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await book(town)
    await town.wait(1)
    await town.wait(1)
    [row] = airtable.rows("Bookings")
    assert (row["Guests"], row["Day"], row["Status"]) == (4, "today", "New")
    assert row["Contact"] == [record(airtable).id]
    assert row["Record"] == "bookings 1"
    airtable.edit("Bookings", record_of(airtable, "Bookings"), Status="Confirmed")
    told = await town.wait(1) + await town.wait(1)
    assert told == [CONFIRMED]
    await sync(town)
    [row] = airtable.rows("Bookings")
    assert row["Status"] == "Confirmed"
    assert row["Notice"].startswith("Confirmed: Told at 20")
    assert "Problem" not in row
    assert await town.wait(60) == []


async def test_the_columns_have_the_types_of_the_form(
    airtable: AirtableDouble, town: BotHarness
) -> None:
    fields = {field.name: field for field in airtable.table("Bookings").fields}
    assert fields["Guests"].type == "number"
    assert fields["Day"].type == "singleSelect"
    assert [one["name"] for one in fields["Day"].options["choices"]] == ["today", "tomorrow"]
    assert [one["name"] for one in fields["Status"].options["choices"]] == [
        "New",
        "Confirmed",
        "Done",
        "Cancelled",
    ]
    assert next(iter(fields)) == "Record"
    assert fields["Contact"].type == "multipleRecordLinks"


async def test_after_a_day_only_a_template_reaches_the_person(
    town: BotHarness, airtable: AirtableDouble, booking: Flow[Any]
) -> None:
    await book(town)
    await sync(town)
    await town.wait(24 * 3600 + 1)
    airtable.edit("Bookings", record_of(airtable, "Bookings"), Status="Confirmed")
    assert await town.wait(1) + await town.wait(1) == []
    await sync(town)
    [row] = airtable.rows("Bookings")
    assert row["Problem"] == NO_TEMPLATE
    saved = town.bot.parts.context.flows.saved.form("bookings")
    assert saved is not None
    action = StatusAction(Say("booking.confirmed"), "hello_world", ("guests",))
    saved.on_status["Confirmed"] = action  # type: ignore[index]
    airtable.edit("Bookings", record_of(airtable, "Bookings"), Status="New")
    await sync(town)
    airtable.edit("Bookings", record_of(airtable, "Bookings"), Status="Confirmed")
    await sync(town)
    await sync(town)
    sent = town.person(ANA).entries[-1]
    assert sent["type"] in ("template", "refused")
    assert "hello_world" in str(sent)
    assert "told by the template hello_world" in airtable.rows("Bookings")[0]["Notice"]


async def test_a_status_starts_a_flow_unless_another_form_is_open(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await book(town)
    await sync(town)
    saved = town.bot.parts.context.flows.saved.form("bookings")
    assert saved is not None
    saved.on_status["Done"] = StatusAction(StartFlow("registration"))  # type: ignore[index]
    made = record_of(airtable, "Bookings")
    airtable.edit("Bookings", made, Status="Done")
    told = await town.wait(1) + await town.wait(1)
    assert told == ["¿Cuál es tu nombre completo?"]
    await sync(town)
    assert airtable.rows("Bookings")[0]["Notice"].startswith("Done: Started at 20")
    for status in ("New", "Done"):
        airtable.edit("Bookings", made, Status=status)
        await sync(town)
        await sync(town)
    assert airtable.rows("Bookings")[0]["Problem"] == IN_FORM


async def test_who_wrote_stop_is_not_told(town: BotHarness, airtable: AirtableDouble) -> None:
    await book(town)
    await town.say("stop")
    await sync(town)
    airtable.edit("Bookings", record_of(airtable, "Bookings"), Status="Confirmed")
    assert await town.wait(1) + await town.wait(1) == []
    await sync(town)
    assert airtable.rows("Bookings")[0]["Problem"] == OPTED_OUT


async def test_a_status_that_was_changed_again_tells_nothing_of_the_first(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await book(town)
    await sync(town)
    made = record_of(airtable, "Bookings")
    airtable.edit("Bookings", made, Status="Confirmed")
    airtable.edit("Bookings", made, Status="Done")
    assert await town.wait(1) + await town.wait(1) == []
    assert [one.status for one in await stored(town)] == ["Done"]


async def test_a_deleted_record_is_hidden_and_comes_back_when_it_is_restored(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await book(town)
    await sync(town)
    table, made = airtable.table("Bookings"), record_of(airtable, "Bookings")
    airtable.bases.delete(airtable.config.base_id, table, made, "client")
    await sync(town)
    assert airtable.rows("Bookings") == []

    def find(connection: Connection, _now: float) -> list[Any]:
        return list(connection.execute(records.list_records("bookings", after=0, most=10)))

    assert await town.database.submit(Transaction(find)) == []
    table.records[made.id] = made
    airtable.edit("Bookings", made, Status="Done")
    await sync(town)
    assert len(await town.database.submit(Transaction(find))) == 1


async def test_records_are_erased_with_their_person(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await book(town)
    await sync(town)
    await erase(town, airtable)
    await sync(town)
    assert airtable.rows("Bookings") == []
    assert await stored(town) == []


async def test_records_go_in_airtable_too_when_people_delete_their_data(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await book(town)
    await sync(town)
    await town.say("borrar mis datos")
    await town.tap("yes")
    assert [one.values for one in await stored(town)] == [{}]
    await sync(town)
    assert airtable.rows("Bookings") == []
    assert await stored(town) == []


async def test_a_renamed_column_is_the_same_column(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    airtable.table("Bookings").field("Guests").name = "How many"
    await book(town)
    await sync(town)
    assert airtable.rows("Bookings")[0]["How many"] == 4


async def test_a_corrected_answer_counts_and_a_refused_one_says_why(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await book(town)
    await sync(town)
    made = record_of(airtable, "Bookings")
    airtable.edit("Bookings", made, Guests=6)
    await sync(town)
    await sync(town)
    [row] = await stored(town)
    assert row.values == {"guests": 6, "day": "today"}
    airtable.edit("Bookings", made, Guests=13)
    await sync(town)
    await sync(town)
    [row] = await stored(town)
    assert row.values["guests"] == 6
    [shown] = airtable.rows("Bookings")
    assert shown["Guests"] == 6
    assert shown["Problem"].startswith("Guests: “13” was not taken over: it has to be 12 or less.")
    airtable.edit("Bookings", made, Guests=5, Status="Confirmed")
    told = await town.wait(1) + await town.wait(1)
    assert told == ["Your table for 5 (Today) is confirmed. See you!"]
    await sync(town)
    assert "Problem" not in airtable.rows("Bookings")[0]


async def test_a_duplicated_record_does_not_stop_the_first_one(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await book(town)
    await sync(town)
    first, table = record_of(airtable, "Bookings"), airtable.table("Bookings")
    airtable.bases.create(airtable.config.base_id, table, dict(first.cells), "client")
    airtable.edit("Bookings", first, Guests=6)
    await sync(town)
    await sync(town)
    assert [row.values["guests"] for row in await stored(town)] == [6, 4]
    assert first.cells[table.field("Changed at").id]


async def test_a_record_that_operators_add_is_a_record_of_the_person(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("hello")
    await sync(town)
    made = write(airtable, "Bookings", Contact=[record(airtable).id], Guests=4, Day="today")
    await sync(town)
    [row] = await stored(town)
    assert (row.values, row.status) == ({"guests": 4, "day": "today"}, None)
    [shown] = airtable.rows("Bookings")
    assert (shown["Record"], shown["Status"]) == (f"bookings {row.id}", "New")
    assert "Created at" in shown
    airtable.edit("Bookings", made, Status="Confirmed")
    assert await town.wait(1) + await town.wait(1) == [CONFIRMED]


async def test_a_record_that_is_added_with_its_status_tells_the_person(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("hello")
    await sync(town)
    ana = record(airtable).id
    write(airtable, "Bookings", Contact=[ana], Guests=4, Day="today", Status="Confirmed")
    assert await town.wait(1) + await town.wait(1) == [CONFIRMED]
    await sync(town)
    assert airtable.rows("Bookings")[0]["Status"] == "Confirmed"


async def test_what_a_record_by_hand_lacks_is_said_until_it_is_there(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("hello")
    await sync(town)
    made = write(airtable, "Bookings", Guests=13)
    await sync(town)
    assert airtable.rows("Bookings")[0]["Problem"] == (
        "Not taken over yet.\nContact: choose the person whose record this is.\n"
        "Guests: it has to be 12 or less.\nDay: it is empty."
    )
    assert await stored(town) == []
    airtable.edit("Bookings", made, Contact=[record(airtable).id], Guests=12, Day="tomorrow")
    await sync(town)
    assert [one.values for one in await stored(town)] == [{"guests": 12, "day": "tomorrow"}]
    assert "Problem" not in airtable.rows("Bookings")[0]


async def test_an_empty_record_is_left_alone(town: BotHarness, airtable: AirtableDouble) -> None:
    write(airtable, "Bookings")
    await sync(town)
    assert airtable.rows("Bookings") == [{}]


async def test_a_record_of_a_contact_that_is_added_at_the_same_time(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await sync(town)
    contact = write(airtable, "Contacts", Phone="+57 300 123 4567")
    write(airtable, "Bookings", Contact=[contact.id], Guests=2, Day="today")
    await sync(town)
    await sync(town)
    assert [one.values["guests"] for one in await stored(town)] == [2]


async def test_a_copy_of_a_record_is_another_record_and_tells_nobody(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await book(town)
    await sync(town)
    first, table = record_of(airtable, "Bookings"), airtable.table("Bookings")
    airtable.edit("Bookings", first, Status="Confirmed")
    assert await town.wait(1) + await town.wait(1) == [CONFIRMED]
    airtable.bases.create(airtable.config.base_id, table, dict(first.cells), "client")
    assert await town.wait(1) + await town.wait(1) == []
    await sync(town)
    assert [one["Record"] for one in airtable.rows("Bookings")] == ["bookings 1", "bookings 2"]
    assert [one.status for one in await stored(town)] == ["Confirmed", "Confirmed"]


async def test_records_of_people_who_had_their_data_deleted_do_not_come_back_by_a_copy(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await book(town)
    await sync(town)
    cells = dict(record_of(airtable, "Bookings").cells)
    await town.say("borrar mis datos")
    await town.tap("yes")
    await sync(town)
    table = airtable.table("Bookings")
    airtable.bases.create(airtable.config.base_id, table, cells, "client")
    await sync(town)
    assert await stored(town) == []
    assert airtable.rows("Bookings")[0]["Problem"] == FORGOTTEN


async def test_a_record_by_hand_is_taken_over_once_when_airtable_answers_late(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    """The read of the record is refused: it is read again with the next cycle."""
    await town.say("hello")
    await sync(town)
    write(airtable, "Bookings", Contact=[record(airtable).id], Guests=4, Day="today")
    trouble = airtable.workspace.trouble = OneRefused(2)
    await town.wait(1)
    assert trouble.was_met
    for _ in range(4):
        await town.wait(20)
    assert len(await stored(town)) == 1
    assert len(airtable.rows("Bookings")) == 1


@pytest.mark.parametrize(("has_airtable", "is_warned"), [(False, True), (True, False)])
async def test_the_start_says_if_no_operator_can_set_a_status(
    tmp_path: Path,
    airtable: AirtableDouble,
    monkeypatch: pytest.MonkeyPatch,
    has_airtable: bool,
    is_warned: bool,
) -> None:
    add_flow(monkeypatch, tmp_path, *booking_of_the_readme())
    town = BotHarness(tmp_path, airtable=airtable if has_airtable else None)
    with captured_log("WARNING") as log:
        await town.start()
    assert ("bookings: on_status does nothing" in log.getvalue()) is is_warned
    await town.stop()


def test_a_bot_without_settings_does_not_say_what_they_lack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`doctor` and `flows` build one, while the bot itself may have them."""
    add_flow(monkeypatch, tmp_path, *booking_of_the_readme())
    with captured_log("WARNING") as log:
        bot = build_unstarted_bot()
    assert bot.parts.context.flows.find_flow("booking") is not None
    assert log.getvalue() == ""


PEOPLE = {
    JOHN: ("book", "Your table for 4 (Today) is confirmed. See you!"),
    ANA: ("reservar", "Tu mesa para 4 (Hoy) está confirmada. ¡Te esperamos!"),
    "5511912345678": ("reserva", "Sua mesa para 4 (Hoje) está confirmada. Até lá!"),
}


async def test_the_readme_word_by_word_books_and_confirms_in_every_language(
    tmp_path: Path, airtable: AirtableDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The booking is in the operators' page within two seconds, with its contact."""
    code = re.findall(r'```python\n("""Book a table.+?)```', README, re.DOTALL)[0]
    module: dict[str, Any] = {}
    exec(code, module)
    add_flow(monkeypatch, tmp_path, module["booking"], texts_of_the_readme())
    town = BotHarness(tmp_path, airtable=airtable)
    await town.start()
    await town.settle()
    for who, (trigger, confirmed) in PEOPLE.items():
        for answer in (trigger, "4", "1"):
            await town.say(answer, who)
        await town.tap("yes", who)
        await sync(town)  # two seconds
        row = airtable.rows("Bookings")[-1]
        assert (row["Guests"], row["Day"], row["Status"]) == (4, "today", "New")
        assert row["Contact"] == [record(airtable, who).id]
        airtable.edit("Bookings", record_of(airtable, "Bookings"), Status="Confirmed")
        assert await town.wait(1, who) + await town.wait(1, who) == [confirmed]
    await town.stop()

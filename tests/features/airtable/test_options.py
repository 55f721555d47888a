"""Options that operators keep in Airtable, with the places that are left."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError
from tests.fakes.bot import ANA, JOHN, BotHarness
from tests.fakes.captured_log import captured_log
from tests.fakes.fork import add_flow
from tests.fakes.operators import record_of, sync, write

from emulator.airtable.testing import AirtableDouble
from features.airtable.option_schema import option_key
from features.airtable.tables import option_places
from flow_engine import Ask, Effect, Flow, SaveRecord, Say
from jobs.commit import CommitJobs
from storage.engine.group_commit import GroupCommit, Transaction
from storage.tables import records


class Visit(BaseModel):
    slot: str


def finish(visit: Visit) -> list[Effect]:
    return [SaveRecord("visits", visit.model_dump()), Say("visit.done")]


visit = Flow(
    name="visit",
    version=1,
    form=Visit,
    triggers=("visit",),
    steps=(Ask("slot", options_from="airtable:Slots"),),
    finish=finish,
)
TEXTS = """
[visit]
done = "Until then!"
[visit.slot]
ask = "When?"
invalid = "One of these."
"""


@pytest.fixture
async def town(
    tmp_path: Path, airtable: AirtableDouble, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[BotHarness]:
    add_flow(monkeypatch, tmp_path, visit, TEXTS)
    town = BotHarness(tmp_path, airtable=airtable)
    await town.start()
    await town.settle()
    yield town
    await town.stop()


def titles(town: BotHarness, who: str = ANA) -> list[str]:
    return [one["title"] for one in town.choices(who)]


async def test_what_operators_offer_can_be_chosen(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    write(airtable, "Slots", Title="Monday 9:00", Description="with Eva", Id="mon9")
    write(airtable, "Slots", Title="Tuesday 9:00")
    hidden = write(airtable, "Slots", Title="Sunday", Active=True)
    await sync(town)
    airtable.edit("Slots", hidden, Active=False)
    await sync(town)
    assert await town.say("visit") == ["When?"]
    assert titles(town) == ["Monday 9:00", "Tuesday 9:00"]
    assert [one.get("description") for one in town.choices()] == ["with Eva", None]
    assert (await town.tap("mon9"))[0] == "Until then!"
    await sync(town)
    assert airtable.rows("Visits")[0]["Slot"] == "mon9"
    assert airtable.rows("Slots")[0]["Active"] is True


async def test_a_place_is_taken_with_the_record_and_given_back_when_it_is_cancelled(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    write(airtable, "Slots", Title="Monday", Capacity=1)
    write(airtable, "Slots", Title="Tuesday", Capacity=1)
    await sync(town)
    await town.say("visit")
    await town.say("visit", JOHN)
    assert (await town.tap("Monday"))[0] == "Until then!"
    told = await town.tap("Monday", JOHN)
    assert "faster" in told[0]
    assert titles(town, JOHN)[-1] == "Tuesday"
    assert (await town.tap("Tuesday", JOHN))[0] == "Until then!"
    assert "no hay nada disponible" in (await town.say("visit"))[0]
    await town.wait(10)
    await sync(town)
    assert [row["Taken"] for row in airtable.rows("Slots")] == [1, 1]
    airtable.edit("Visits", record_of(airtable, "Visits"), Status="Cancelled")
    await sync(town)
    assert await town.say("visit") == ["When?"]
    assert titles(town)[-1] == "Tuesday"


async def test_a_commit_that_takes_one_place_too_many_fails(database: GroupCommit) -> None:
    key, at = option_key("Slots", "x"), datetime(2026, 11, 21, 10, 0, tzinfo=UTC)

    def taking() -> CommitJobs:
        guard = option_places.guard(key, capacity=1)
        added = records.add("visits", {}, user_key="ana", at=at, option_key=key)
        return CommitJobs(writes=[*guard, added])

    await database.submit(taking())
    with pytest.raises(IntegrityError):
        await database.submit(taking())
    start = option_key("Slots", "")
    count = Transaction(lambda c, _: option_places.count(c, start))
    assert await database.submit(count) == {key: 1}


async def test_rows_that_cannot_be_offered_say_why(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    write(airtable, "Slots", Description="no title")
    write(airtable, "Slots", Title="Monday")
    write(airtable, "Slots", Title="Monday")
    write(airtable, "Slots", Title="Tuesday", Capacity=-1)
    await sync(town)
    problems = [row.get("Problem", "") for row in airtable.rows("Slots")]
    assert [text.partition(":")[2].strip()[:16] for text in problems] == [
        "it has no Title.",
        "",
        "another row has ",
        "Capacity is a nu",
    ]
    airtable.edit("Slots", record_of(airtable, "Slots"), Capacity=2)
    await sync(town)
    assert "Problem" not in airtable.rows("Slots")[3]


async def test_what_operators_write_is_shown_as_whatsapp_can(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    """Long titles are whole in the description; blank and too long ids are told, not shown."""
    whole = "Consultation with Dr. Smith"
    for title in (f"{whole} (morning)", f"{whole} (evening)", "  ", "x" * 101, "9"):
        write(airtable, "Slots", Title=title)
    await sync(town)
    assert await town.say("visit") == ["When?"]
    assert titles(town) == ["1. Consultation…", "2. Consultation…", "3. 9"]
    described = [one.get("description") for one in town.choices()]
    assert described == [f"{whole} (morning)", f"{whole} (evening)", None]
    problems = [row.get("Problem", "") for row in airtable.rows("Slots")]
    assert "it has no Title" in problems[2]
    assert "write an Id of at most 100 characters" in problems[3]
    assert problems[:2] + problems[4:] == ["", "", ""]


async def test_a_table_that_was_never_read_names_itself(
    tmp_path: Path, airtable: AirtableDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person is told that nothing is free; operators and the log, which table is missing."""
    add_flow(monkeypatch, tmp_path, visit, TEXTS)
    town = BotHarness(tmp_path, airtable=airtable, airtable_create_tables=False)
    await town.start()
    await town.settle()
    with captured_log() as log:
        assert "no hay nada disponible" in (await town.say("visit"))[0]
    assert "no options: the table Slots of Airtable was never read" in log.getvalue()
    assert "Slots" in (await town.state.health.readiness())[1]["airtable"]
    await town.stop()


async def test_operators_may_overbook_and_read_that_they_did(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    """No booking is lost: neither by a smaller capacity, nor by a record that operators move."""
    monday = write(airtable, "Slots", Title="Monday", Capacity=2)
    write(airtable, "Slots", Title="Tuesday", Capacity=1)
    await sync(town)
    for who, slot in ((ANA, "Monday"), (JOHN, "Monday"), (ANA, "Tuesday")):
        await town.say("visit", who)
        await town.tap(slot, who)
    airtable.edit("Slots", monday, Capacity=1)
    await synced(town)
    first, second = airtable.rows("Slots")
    assert (first["Taken"], second["Taken"]) == (2, 1)
    assert first["Problem"].startswith("Overbooked: 2 records take it, and Capacity is 1.")
    assert "Problem" not in second
    visits = airtable.table("Visits").records
    moved = next(one for one in visits.values() if "Tuesday" in one.cells.values())
    airtable.edit("Visits", moved, Slot="Monday")
    await synced(town)
    first, second = airtable.rows("Slots")
    assert first["Problem"].startswith("Overbooked: 3 records")
    assert len(airtable.rows("Visits")) == 3
    await town.say("visit")
    assert titles(town)[-1] == "Tuesday"
    airtable.edit("Slots", monday, Capacity=3)
    await synced(town)
    assert "Problem" not in airtable.rows("Slots")[0]


async def synced(town: BotHarness) -> None:
    for _ in range(3):
        await town.wait(10)
        await sync(town)

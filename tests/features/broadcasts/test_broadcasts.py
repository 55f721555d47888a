"""Broadcasts, as operators order them in Airtable and people get them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection
from tests.fakes.bot import ANA, JOHN, BotHarness
from tests.fakes.operators import OneRefused, contact, erase, record, record_of, sync, write

from emulator.airtable.testing import AirtableDouble
from emulator.airtable.workspace import Trouble
from emulator.cloud_api.config import Config
from emulator.cloud_api.http.trigger_api import trigger
from emulator.cloud_api.state.triggers import TriggerOptions
from emulator.cloud_api.testing import completed
from features.broadcasts.jobs import LIMIT_USED
from storage.engine.group_commit import Transaction

EVA = "573009876543"
HOUR = 3600
OFFER = {
    "name": "offer",
    "language": "en",
    "category": "MARKETING",
    "components": [{"type": "BODY", "text": "Hi {{1}}, all at {{2}} off."}],
}
NEWS = {
    "name": "closed_today",
    "language": "en",
    "category": "UTILITY",
    "components": [{"type": "BODY", "text": "We are closed today."}],
}
VARIABLES = '{"1": "{first_name}", "2": "10 %"}'


@pytest.fixture
async def town(tmp_path: Path, airtable: AirtableDouble) -> AsyncIterator[BotHarness]:
    """Three people; the templates have been approved, and told."""
    town = BotHarness(tmp_path, airtable=airtable)
    await town.start()
    for given in (OFFER, NEWS):
        town.account.templates.create(completed(given))
    await town.wait(60)
    for who in (ANA, JOHN, EVA):
        await town.say("hello", who)
    await sync(town)
    yield town
    await town.stop()


def template(airtable: AirtableDouble, key: str) -> list[str]:
    table = airtable.table("Templates")
    name = table.field("Key").id
    return [one.id for one in table.records.values() if one.cells[name] == key]


async def order(
    town: BotHarness, airtable: AirtableDouble, key: str, **cells: Any
) -> dict[str, Any]:
    """Write a broadcast and wait for what the bot says of it."""
    given = {"Name": "Autumn", "Template": template(airtable, key), "Command": "Start"}
    write(airtable, "Broadcasts", **{"Approved": True, **given, **cells})
    await sync(town)
    await town.wait(30)
    await town.wait(30)
    return told(airtable)


def told(airtable: AirtableDouble) -> dict[str, Any]:
    return airtable.rows("Broadcasts")[-1]


def in_an_hour(town: BotHarness) -> str:
    return (town.clock() + timedelta(hours=1)).isoformat()


def got(town: BotHarness, who: str) -> int:
    """How many templates somebody got."""
    return [one["type"] for one in town.person(who).entries].count("template")


async def test_everybody_gets_it_and_operators_see_how_far_it_is(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    row = await order(town, airtable, "closed_today:en")
    assert [got(town, who) for who in (ANA, JOHN, EVA)] == [1, 1, 1]
    assert row["State"] == "Done"
    assert "Command" not in row
    assert (row["Audience"], row["Queued"], row["Delivered"], row["Progress"]) == (3, 3, 3, 1.0)


async def test_a_test_goes_to_one_person_and_shows_what_others_would_get(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    row = await order(
        town, airtable, "closed_today:en", Command="Test", Test_to="+57 300 123 45 67"
    )
    assert [got(town, who) for who in (ANA, JOHN, EVA)] == [1, 0, 0]
    assert (row["State"], row["Audience"]) == ("Checked", 3)
    assert row["Report"] == "A test is on its way."
    assert len(row["Recipients"]) == 3
    assert record(airtable, JOHN).id in row["Recipients"]
    assert row["Preview"]
    row = await order(town, airtable, "closed_today:en", Command="Test", Test_to="+1 555 999 0000")
    assert row["Problem"].startswith("Test to: no number that begins with +1")
    assert "contact" not in row["Problem"]
    assert [got(town, who) for who in (ANA, JOHN, EVA)] == [1, 0, 0]
    await order(town, airtable, "closed_today:en", Command="Test", Test_to="+1 (555) 123-4567")
    assert [got(town, who) for who in (ANA, JOHN, EVA)] == [1, 1, 0]
    row = await order(town, airtable, "closed_today:en", Command="Test", Test_to="+57 300 000 0001")
    assert row["Problem"].startswith("Test to: nobody with this number writes with the bot")


async def test_nothing_goes_out_without_approval(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    row = await order(town, airtable, "closed_today:en", Approved=False)
    assert row["State"] == "Refused"
    assert row["Report"] == "Approved is not ticked."
    assert got(town, ANA) == 0
    airtable.edit("Broadcasts", record_of(airtable, "Broadcasts"), Approved=True, Command="Start")
    await sync(town)
    await town.wait(30)
    assert got(town, ANA) == 1


async def test_an_order_that_is_refused_again_may_be_given_again(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    row = await order(town, airtable, "closed_today:en", Approved=False)
    for _ in range(3):  # at once, so that nothing else is there to be told of
        airtable.edit("Broadcasts", record_of(airtable, "Broadcasts"), Command="Start")
        await sync(town)
        assert told(airtable) == row
    airtable.edit("Broadcasts", record_of(airtable, "Broadcasts"), Approved=True, Command="Start")
    await sync(town)
    await town.wait(30)
    assert got(town, ANA) == 1


@pytest.mark.parametrize("command", ["Pause", "Cancel"])
async def test_an_order_without_anything_to_do_is_taken_away_too(
    town: BotHarness, airtable: AirtableDouble, command: str
) -> None:
    for cells in ({}, {"Command": "Dry run"}):  # never started, and counted
        row = await order(town, airtable, "closed_today:en", **{"Command": command, **cells})
        assert "Command" not in row
        airtable.edit("Broadcasts", record_of(airtable, "Broadcasts"), Command=command)
        await sync(town)
        await sync(town)
        assert "Command" not in told(airtable)


async def test_an_order_long_after_the_end_is_taken_away_too(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await order(town, airtable, "closed_today:en")
    await town.wait(4 * 24 * 3600)
    airtable.edit("Broadcasts", record_of(airtable, "Broadcasts"), Command="Start")
    await sync(town)
    assert "Command" not in told(airtable)
    assert got(town, ANA) == 1


async def test_a_dry_run_counts_and_sends_nothing(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("STOP", EVA)
    row = await order(
        town, airtable, "offer:en", Variables=VARIABLES, Command="Dry run", Approved=False
    )
    assert row["State"] == "Checked"
    assert (row["Audience"], row["Skipped"]) == (3, 3)
    assert sorted(row["Report"].splitlines()) == [
        "skipped: 1 wrote STOP",
        "skipped: 2 did not agree to marketing",
    ]
    assert [got(town, who) for who in (ANA, JOHN, EVA)] == [0, 0, 0]


async def test_who_was_erased_and_came_back_gets_nothing_before_they_agree(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await erase(town, airtable, JOHN)
    await sync(town)
    await town.say("hello", JOHN)
    for command in ("Dry run", "Start"):
        row = await order(town, airtable, "closed_today:en", Command=command)
        assert (row["Audience"], row["Report"]) == (3, "skipped: 1 had their data erased")
    assert [got(town, who) for who in (ANA, JOHN, EVA)] == [1, 0, 1]
    await town.say("news", JOHN)
    await town.tap("news.yes", JOHN)
    row = await order(town, airtable, "closed_today:en")
    assert row["Skipped"] == 0
    assert got(town, JOHN) == 1


async def test_tags_say_who_is_meant(town: BotHarness, airtable: AirtableDouble) -> None:
    airtable.edit("Contacts", record(airtable), Tags=["vip"])
    airtable.edit("Contacts", record(airtable, EVA), Tags=["vip", "staff"])
    await sync(town)
    cells = {"Include_tags": ["vip"], "Exclude_tags": ["staff"]}
    row = await order(town, airtable, "closed_today:en", **cells)
    assert row["Audience"] == 1
    assert [got(town, who) for who in (ANA, JOHN, EVA)] == [1, 0, 0]


async def test_each_person_gets_the_template_in_their_language(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    """Ana wrote Spanish; the others, English."""
    await town.say("hola")
    spanish = {"language": "es", "components": [{"type": "BODY", "text": "Hoy no abrimos."}]}
    town.account.templates.create(completed(NEWS | spanish))
    await town.wait(3600)
    await sync(town)
    keys = [template(airtable, f"closed_today:{language}")[0] for language in ("en", "es")]
    row = await order(town, airtable, "closed_today:en", Template=keys)
    assert (row["State"], row["Delivered"]) == ("Done", 3)
    assert row["Preview"] == "en:\nWe are closed today.\n\nes:\nHoy no abrimos."
    assert [languages(town, who) for who in (ANA, JOHN, EVA)] == [["es"], ["en"], ["en"]]


def languages(town: BotHarness, who: str) -> list[str]:
    """The languages of the templates that somebody got."""
    sent = [one["template"] for one in town.person(who).entries if one["type"] == "template"]
    return [one["language"]["code"] for one in sent]


async def test_a_broadcast_waits_for_metas_limit_of_people(
    tmp_path: Path, airtable: AirtableDouble
) -> None:
    """Of three people whose window is closed, two are within the limit of a day."""
    town = BotHarness(tmp_path, airtable=airtable, messaging_limit=2)
    await town.start()
    town.account.templates.create(completed(NEWS))
    people = (ANA, JOHN, EVA)
    for who in people:
        await town.say("hello", who)
    await town.wait(25 * HOUR)
    await sync(town)
    row = await order(town, airtable, "closed_today:en")
    assert sorted(got(town, who) for who in people) == [0, 1, 1]
    assert (row["State"], row["Queued"], row["Report"]) == ("Running", 2, LIMIT_USED)
    await town.restart()
    await town.wait(23 * HOUR)
    assert sum(got(town, who) for who in people) == 2
    await town.wait(HOUR)
    await town.wait(60)
    await sync(town)
    assert [got(town, who) for who in people] == [1, 1, 1]
    assert (told(airtable)["State"], told(airtable)["Queued"]) == ("Done", 3)
    assert "Report" not in told(airtable)
    await town.stop()


async def test_marketing_goes_to_who_agreed_and_at_most_once_a_day(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("news", JOHN)
    await town.tap("news.yes", JOHN)
    await sync(town)
    assert contact(airtable, JOHN)["Marketing consent"] == "In"
    await order(town, airtable, "offer:en", Variables=VARIABLES)
    assert [got(town, who) for who in (ANA, JOHN)] == [0, 1]
    sent = town.person(JOHN).entries[-1]["template"]
    [body] = sent["components"]
    assert [one["text"] for one in body["parameters"]] == ["Someone", "10 %"]
    row = await order(town, airtable, "offer:en", Variables=VARIABLES)
    assert "skipped: 1 had marketing within a day" in row["Report"]
    assert got(town, JOHN) == 1
    await town.wait(24 * 3600)
    await order(town, airtable, "offer:en", Variables=VARIABLES)
    assert got(town, JOHN) == 2
    await town.say("news", JOHN)
    await town.tap("news.no", JOHN)
    await town.wait(24 * 3600)
    await order(town, airtable, "offer:en", Variables=VARIABLES)
    assert got(town, JOHN) == 2
    log = [row["Event"] for row in airtable.rows("Consent log")]
    assert log == ["agreed to marketing", "no more marketing"]


async def test_of_two_broadcasts_at_the_same_moment_one_reaches_a_person(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("news", JOHN)
    await town.tap("news.yes", JOHN)
    await sync(town)
    for name in ("Autumn", "Winter"):
        write(
            airtable,
            "Broadcasts",
            Name=name,
            Template=template(airtable, "offer:en"),
            Variables=VARIABLES,
            Approved=True,
            Command="Start",
            Send_at=in_an_hour(town),
        )
    await sync(town)
    for seconds in (3600, 30, 30):
        await town.wait(seconds)
    assert got(town, JOHN) == 1
    rows = airtable.rows("Broadcasts")
    assert [row["State"] for row in rows] == ["Done", "Done"]
    assert sorted(row["Sent"] for row in rows) == [0, 1]


@pytest.mark.parametrize(
    ("key", "variables", "words"),
    [
        ("offer:en", "", "Variables lacks 1, 2"),
        ("offer:en", '{"1": "a"}', "Variables lacks 2"),
        ("offer:en", "[1]", "this line has no name: “[1]”"),
        ("offer:en", '{"1": ["a"]}', "an object of texts"),
        ("offer:en", "{", "not JSON"),
        ("closed_today:en", '{"1": "a"}', "no place for 1"),
        ("nothing", "", "Choose one template"),
    ],
)
async def test_what_does_not_fit_is_said(
    town: BotHarness, airtable: AirtableDouble, key: str, variables: str, words: str
) -> None:
    row = await order(town, airtable, key, Variables=variables)
    assert row["State"] == "Refused"
    assert words in row["Report"]


async def test_operators_see_a_pause_and_no_broadcast_begins_in_it(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    kind = "field.message_template_status_update"
    trigger(town.account, kind, town.person(ANA), TriggerOptions("PAUSED", id="closed_today:en"))
    await town.settle()
    await sync(town)
    rows = {row["Key"]: row for row in airtable.rows("Templates")}
    assert rows["closed_today:en"]["Status"] == "PAUSED"
    assert rows["closed_today:en"]["Paused until"]
    assert rows["offer:en"]["Status"] == "APPROVED"
    row = await order(town, airtable, "closed_today:en")
    assert row["Report"] == "Meta has not approved the template: PAUSED."
    assert got(town, ANA) == 0


async def test_who_has_no_name_is_counted_and_gets_nothing_without_other_words(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    hello = NEWS | {"name": "hello", "components": [{"type": "BODY", "text": "Hi {{1}}, hello."}]}
    town.account.templates.create(completed(hello))
    await town.wait(3600)
    town.person(JOHN).introduce(" ", hides_phone=None)
    await town.say("hello", JOHN)
    await sync(town)
    row = await order(town, airtable, "hello:en", Variables="1: {first_name}")
    assert (row["Skipped"], row["Report"]) == (1, "skipped: 1 has no first name")
    assert [got(town, who) for who in (ANA, JOHN, EVA)] == [1, 0, 1]
    await order(town, airtable, "hello:en", Variables="1: {first_name|friend}")
    assert [got(town, who) for who in (ANA, JOHN, EVA)] == [2, 1, 2]


async def test_it_waits_for_its_hour_and_can_be_cancelled_until_then(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    row = await order(town, airtable, "closed_today:en", Send_at=in_an_hour(town))
    assert row["State"] == "Waiting"
    airtable.edit("Broadcasts", record_of(airtable, "Broadcasts"), Command="Cancel")
    await sync(town)
    await town.wait(3600)
    await sync(town)
    assert told(airtable)["State"] == "Cancelled"
    assert got(town, ANA) == 0
    row = await order(town, airtable, "closed_today:en", Send_at=in_an_hour(town))
    await town.wait(3600)
    await town.wait(60)
    assert got(town, ANA) == 1


async def test_a_broadcast_pauses_when_too_much_fails(
    tmp_path: Path, airtable: AirtableDouble
) -> None:
    town = BotHarness(tmp_path, airtable=airtable, emulated=Config(messages_per_second=1000))
    await town.start()
    town.account.templates.create(completed(NEWS))
    await town.wait(60)
    people = [str(573001000000 + number) for number in range(130)]
    for who in people:
        town.account.say(town.person(who), {"type": "text", "text": {"body": "hello"}})
    await town.settle()
    await sync(town)
    faults = town.account.fault_injector
    faults.set(faults.chaos.changed(failed_later=1, failed_code=131026))
    await order(town, airtable, "closed_today:en")
    row = told(airtable)
    assert row["State"] == "Paused"
    assert row["Report"].startswith("Paused: too many failed.\nfailed: ")
    assert row["Queued"] == 100
    faults = town.account.fault_injector
    faults.set(faults.chaos.changed(failed_later=0))
    airtable.edit("Broadcasts", record_of(airtable, "Broadcasts"), Command="Start")
    await sync(town)
    await town.wait(30)
    await town.wait(30)
    assert told(airtable)["Queued"] == 100  # still more than a third
    await town.stop()


async def test_a_command_is_obeyed_once_and_the_plug_may_be_pulled(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    write(
        airtable,
        "Broadcasts",
        Name="Once",
        Template=template(airtable, "closed_today:en"),
        Approved=True,
        Command="Start",
    )
    for _ in range(5):
        await town.restart()
        await town.wait(5)
    await town.wait(24 * 3600)  # everything is read once more
    await sync(town)
    assert [got(town, who) for who in (ANA, JOHN, EVA)] == [1, 1, 1]


async def test_it_is_written_cell_by_cell(town: BotHarness, airtable: AirtableDouble) -> None:
    made = write(airtable, "Broadcasts")
    await sync(town)
    for cells in (
        {"Name": "Autumn"},
        {"Template": template(airtable, "closed_today:en")},
        {"Approved": True},
        {"Command": "Start"},
    ):
        airtable.edit("Broadcasts", made, **cells)
        await sync(town)
    await town.wait(30)
    await town.wait(30)
    assert got(town, ANA) == 1
    assert told(airtable)["State"] == "Done"


async def test_a_record_that_was_never_started_can_be_deleted(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    made = write(airtable, "Broadcasts", Name="Autumn")
    await sync(town)
    table = airtable.table("Broadcasts")
    airtable.bases.delete(airtable.config.base_id, table, made, "client")
    await sync(town)
    await town.wait(30)
    assert (await town.state.health.readiness())[1]["airtable"] == "ok"


async def test_who_deletes_the_record_cancels_it(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await order(town, airtable, "closed_today:en", Send_at=in_an_hour(town))
    gone = record_of(airtable, "Broadcasts")
    airtable.bases.delete(airtable.config.base_id, airtable.table("Broadcasts"), gone, "client")
    await sync(town)
    await town.wait(3600)
    await town.wait(60)
    assert got(town, ANA) == 0
    assert (await town.state.health.readiness())[1]["airtable"] == "ok"


async def test_whichever_request_fails_a_command_is_obeyed(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    for number in count(1):
        row = await order(town, airtable, "closed_today:en", Send_at=in_an_hour(town))
        assert row["State"] == "Waiting"
        trouble = airtable.workspace.trouble = OneRefused(number)
        airtable.edit("Broadcasts", record_of(airtable, "Broadcasts"), Command="Cancel")
        await town.wait(1)
        airtable.workspace.trouble = Trouble()
        await town.wait(60)
        await town.wait(60)
        assert told(airtable)["State"] == "Cancelled"
        assert "Command" not in told(airtable)
        if not trouble.was_met:
            break
    assert number > 2


async def test_a_record_that_is_deleted_while_its_command_is_read_blocks_nobody(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    made = write(
        airtable,
        "Broadcasts",
        Template=template(airtable, "closed_today:en"),
        Approved=True,
        Command="Start",
    )
    for number in range(250):  # as much as one turn reads
        airtable.edit("Contacts", record(airtable, EVA), Notes=str(number))
    airtable.bases.delete(airtable.config.base_id, airtable.table("Broadcasts"), made, "client")
    airtable.edit("Contacts", record(airtable), Reply="Soy Eva.", Send_reply=True)
    await sync(town)
    await town.wait(60)
    assert contact(airtable)["Reply result"].endswith("Soy Eva.")
    assert got(town, ANA) == 0


class NoTemplates(httpx.AsyncBaseTransport):
    """Meta, which takes no templates for a while."""

    def __init__(self, through: httpx.AsyncBaseTransport) -> None:
        self._through = through
        self.is_over = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not self.is_over and b'"template"' in request.content:
            error = b'{"error": {"code": 131016, "message": "(#131016) Service unavailable"}}'
            return httpx.Response(500, content=error)
        return await self._through.handle_async_request(request)


async def queued(town: BotHarness, airtable: AirtableDouble, key: str, **cells: Any) -> NoTemplates:
    """A broadcast that waits for Meta. John has agreed to marketing."""
    await town.say("news", JOHN)
    await town.tap("news.yes", JOHN)
    town.meta = meta = NoTemplates(town.meta)
    await town.restart()
    await order(town, airtable, key, **cells)
    return meta


async def sent_at_last(town: BotHarness, meta: NoTemplates) -> None:
    meta.is_over = True
    for _ in range(4):
        await town.wait(600)


async def test_who_writes_stop_is_not_sent_what_waits(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    meta = await queued(town, airtable, "closed_today:en")
    await town.say("STOP", JOHN)
    await sent_at_last(town, meta)
    assert [got(town, who) for who in (ANA, JOHN, EVA)] == [1, 0, 1]
    row = told(airtable)
    assert (row["Sent"], row["Failed"]) == (2, 1)
    assert row["Report"] == "failed: 1 not sent: wrote STOP"


@pytest.mark.parametrize(("key", "expected"), [("offer:en", 0), ("closed_today:en", 1)])
async def test_who_takes_consent_back_is_not_sent_the_marketing_that_waits(
    town: BotHarness, airtable: AirtableDouble, key: str, expected: int
) -> None:
    meta = await queued(town, airtable, key, Variables=VARIABLES if key == "offer:en" else "")
    await town.database.submit(Transaction(take_consents_back))
    await sent_at_last(town, meta)
    assert got(town, JOHN) == expected


def take_consents_back(connection: Connection, _now: float) -> None:
    connection.exec_driver_sql("UPDATE users SET marketing_at = NULL")


async def test_what_waits_of_a_cancelled_broadcast_is_not_sent(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    meta = await queued(town, airtable, "closed_today:en")
    assert told(airtable)["State"] == "Done"  # all of it waits
    airtable.edit("Broadcasts", record_of(airtable, "Broadcasts"), Command="Cancel")
    await sync(town)
    await sent_at_last(town, meta)
    assert [got(town, who) for who in (ANA, JOHN, EVA)] == [0, 0, 0]
    row = told(airtable)
    assert (row["State"], row["Sent"], row["Failed"]) == ("Cancelled", 0, 3)
    assert row["Report"] == "failed: 3 not sent: the broadcast was cancelled"


async def test_a_broadcast_that_was_sent_stays_done(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await order(town, airtable, "closed_today:en")
    airtable.edit("Broadcasts", record_of(airtable, "Broadcasts"), Command="Cancel")
    await sync(town)
    await town.wait(30)
    assert told(airtable)["State"] == "Done"


async def test_what_an_older_version_queued_is_sent(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    meta = await queued(town, airtable, "closed_today:en")

    def age(connection: Connection, _now: float) -> None:
        connection.exec_driver_sql("UPDATE job SET body = json_remove(body, '$.broadcast')")

    await town.database.submit(Transaction(age))
    await sent_at_last(town, meta)
    assert [got(town, who) for who in (ANA, JOHN, EVA)] == [1, 1, 1]

"""Operators at work in Airtable: what they see, and what the bot does when they change it."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, func, select
from tests.fakes.bot import ANA, JOHN, BotHarness
from tests.fakes.operators import BUSY, OneRefused, contact, erase, record, record_of, sync, write
from tests.fakes.web import sign, webhook

from controllers.webhook_controller import Forbidden
from domain.conversation_status import ConversationStatus
from emulator.airtable.errors import AirtableRefusal
from emulator.airtable.testing import AirtableDouble
from emulator.airtable.workspace import Trouble
from emulator.cloud_api.testing import completed
from emulator.openai.model import Call, Said
from emulator.openai.testing import OpenAIDouble
from features.airtable.added_records import NOT_READ
from features.airtable.sync import ids_name, lane_of
from jobs.commit import CommitJobs
from jobs.maintenance import state_of
from jobs.tables import job
from storage.engine.database import metadata
from storage.engine.group_commit import Transaction
from storage.people.erasure import erased
from storage.tables import users
from storage.tables.deliveries import delivery
from storage.tables.key_value import get, put

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
async def town(tmp_path: Path, airtable: AirtableDouble) -> AsyncIterator[BotHarness]:
    town = BotHarness(tmp_path, airtable=airtable)
    await town.start()
    await town.settle()
    yield town
    await town.stop()


def said(town: BotHarness, text: str, who: str = ANA) -> int:
    """How often the bot has said this."""
    texts = [one["text"]["body"] for one in town.person(who).entries if one["type"] == "text"]
    return texts.count(text)


async def test_operators_see_who_wrote_and_what(town: BotHarness, airtable: AirtableDouble) -> None:
    await town.say("hola")
    await town.say("quiero saber algo")
    await sync(town)
    row = contact(airtable)
    assert row["Last message"] == "quiero saber algo"
    assert row["Unread"] == 0  # the bot answers
    assert row["Status"] == "Bot"
    assert row["Marketing consent"] == "Unknown"
    assert row["Window closes at"] > row["Last inbound at"]
    assert len(airtable.rows("Contacts")) == 1


async def test_the_bot_keeps_silent_while_a_person_of_us_answers(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("hola")
    await sync(town)
    airtable.edit("Contacts", record(airtable), Status="Human")
    await sync(town)
    assert await town.say("¿hay alguien?") == []
    await sync(town)
    row = contact(airtable)
    assert (row["Last message"], row["Unread"]) == ("¿hay alguien?", 1)
    airtable.edit("Contacts", record(airtable), Status="Bot")
    await sync(town)
    assert len(await town.say("hola")) == 1


@pytest.mark.needs("handoff")
async def test_who_asks_for_a_person_is_handed_over_until_nobody_comes(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    [answer] = await town.say("humano")
    assert "Alguien de nuestro equipo" in answer
    await sync(town)
    assert contact(airtable)["Status"] == ConversationStatus.NEEDS_HUMAN
    [waiting] = await town.say("¿hola?")
    assert waiting.startswith("Tu solicitud llegó a nuestro equipo")
    await town.wait(8 * 3600)
    assert len(await town.say("hola")) == 1
    await sync(town)
    assert contact(airtable)["Status"] == "Bot"


async def test_a_reply_from_the_record_reaches_the_person_once(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("humano")
    await sync(town)
    airtable.edit("Contacts", record(airtable), Reply="Soy Eva. ¿En qué ayudo?", Send_reply=True)
    await sync(town)
    await sync(town)
    assert said(town, "Soy Eva. ¿En qué ayudo?") == 1
    row = contact(airtable)
    assert "Send reply" not in row
    assert row["Reply result"].endswith("Soy Eva. ¿En qué ayudo?")
    assert row["Unread"] == 0
    assert "Reply" not in row
    assert row["Status"] == "Human"
    assert row["Assigned to"] == {"id": "usrEmulatedOperator"}
    airtable.edit("Contacts", record(airtable), Send_reply=True)  # nothing is there to send
    await sync(town)
    await sync(town)
    assert contact(airtable)["Reply result"] == "Not sent: Reply is empty."
    airtable.edit("Contacts", record(airtable), Reply="Soy Eva. ¿En qué ayudo?", Send_reply=True)
    await sync(town)
    assert said(town, "Soy Eva. ¿En qué ayudo?") == 2


async def test_a_reply_after_a_day_is_refused_with_the_reason(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("hola")
    await sync(town)
    await town.wait(24 * 3600 + 1)
    airtable.edit("Contacts", record(airtable), Reply="¿Sigues ahí?", Send_reply=True)
    await sync(town)
    row = contact(airtable)
    assert "24 hours" in row["Reply result"]
    assert "Send reply" not in row
    assert said(town, "¿Sigues ahí?") == 0


async def test_a_reply_after_a_day_is_replaced_by_the_template_that_is_set(
    tmp_path: Path, airtable: AirtableDouble
) -> None:
    town = BotHarness(tmp_path, airtable=airtable, outside_window_template="hello_world:en_US")
    await town.start()
    await town.say("hola")
    await sync(town)
    await town.wait(24 * 3600 + 1)
    for _ in range(2):  # once a day
        airtable.edit("Contacts", record(airtable), Reply="¿Sigues ahí?", Send_reply=True)
        await sync(town)
        await sync(town)
    row = contact(airtable)
    assert row["Reply result"].startswith("Failed (not sent: the person wrote more than 24 hours")
    sent = [one["type"] for one in town.person(ANA).entries if one["from"] == "bot"]
    assert sent.count("template") == 1
    assert said(town, "¿Sigues ahí?") == 0
    await town.stop()


async def test_a_reply_to_somebody_who_never_wrote_says_so(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    made = write(airtable, "Contacts", Name="Eva Luna", Phone="+57 300 987-65-43")
    await sync(town)
    airtable.edit("Contacts", made, Reply="Hola", Send_reply=True)
    await sync(town)
    await sync(town)
    assert contact(airtable, "573009876543")["Reply result"].startswith(
        "Not sent: the person wrote nothing yet, and WhatsApp lets only templates through"
    )


@pytest.mark.parametrize(
    ("reply", "reason"),
    [("Hola", "no more messages"), (None, "Reply is empty"), ("\u200b", "Reply is empty")],
)
async def test_a_reply_that_may_not_go_says_why(
    town: BotHarness, airtable: AirtableDouble, reply: str | None, reason: str
) -> None:
    await town.say("STOP" if reply == "Hola" else "hola")
    await sync(town)
    airtable.edit("Contacts", record(airtable), Reply=reply, Send_reply=True)
    await sync(town)
    await sync(town)
    row = contact(airtable)
    assert reason in row["Reply result"]
    assert "Send reply" not in row
    assert said(town, "Hola") == 0


async def test_the_bot_pauses_until_it_is_told_to(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("hola")
    await sync(town)
    later = "2100-01-01T00:00:00.000Z"
    airtable.edit("Contacts", record(airtable), Bot_paused_until=later)
    await sync(town)
    assert await town.say("hola") == []
    airtable.edit("Contacts", record(airtable), Bot_paused_until=None)
    await sync(town)
    assert len(await town.say("hola")) == 1


async def test_a_form_is_left_when_a_person_takes_over(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("hola")
    await town.tap("register")
    await sync(town)
    airtable.edit("Contacts", record(airtable), Status="Human")
    await sync(town)
    assert await town.wait(300) == []
    airtable.edit("Contacts", record(airtable), Status="Closed")
    await sync(town)
    [answer] = await town.say("hola")
    assert "¿Qué te gustaría hacer?" in answer


async def test_what_meta_refuses_stands_at_the_contact(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("hola")
    await sync(town)
    faults = town.account.fault_injector
    faults.set(faults.chaos.changed(failed_later=1, failed_code=131049))
    await town.say("hola")
    await sync(town)
    assert "healthy ecosystem" in contact(airtable)["Problem"]
    faults.set(faults.chaos.changed(failed_later=0))
    by_age = select(delivery.c.id).order_by(delivery.c.created_at)
    ids = await town.database.submit(Transaction(lambda c, _: list(c.scalars(by_age))))
    told = {"id": "wamid.1", "status": "delivered", "biz_opaque_callback_data": ids[0]}
    raw = json.dumps(webhook(statuses=[told])).encode()
    await town.state.webhooks.receive(raw, sign(raw))
    await sync(town)
    assert "Problem" in contact(airtable)  # what is older says nothing of it
    await town.say("hola")
    await sync(town)
    assert "Problem" not in contact(airtable)


@pytest.mark.parametrize(
    "refusal",
    [
        AirtableRefusal(503, "SERVICE_UNAVAILABLE"),
        AirtableRefusal(429, "RATE_LIMIT_REACHED"),
        AirtableRefusal(401, "AUTHENTICATION_REQUIRED"),
        AirtableRefusal(403, "INVALID_PERMISSIONS"),
        AirtableRefusal(429, "PUBLIC_API_BILLING_LIMIT_EXCEEDED"),
    ],
    ids=lambda refusal: refusal.kind,
)
async def test_nothing_is_lost_while_airtable_refuses(
    town: BotHarness, airtable: AirtableDouble, refusal: AirtableRefusal
) -> None:
    airtable.workspace.trouble.refusal = refusal
    for who in (ANA, JOHN):
        assert len(await town.say("hello", who)) == 1  # the bot does not notice
    await town.wait(24 * 3600)
    assert airtable.rows("Contacts") == []
    airtable.workspace.trouble.refusal = None
    await town.wait(32 * 24 * 3600)
    assert {row["Phone"] for row in airtable.rows("Contacts")} == {f"+{ANA}", f"+{JOHN}"}


@pytest.mark.needs("faq")
async def test_whichever_request_fails_what_operators_did_is_obeyed_once(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("hello", ANA)
    await town.say("hello", JOHN)
    await write_faq(town, airtable, Language="en", Question="Is there parking?", Answer="?")
    for number in count(1):
        trouble = airtable.workspace.trouble = OneRefused(number)
        airtable.edit("Contacts", record(airtable), Reply=f"Reply {number}", Send_reply=True)
        for note in range(50):  # so that what happened is two pages
            airtable.edit("Contacts", record(airtable, JOHN), Notes=f"{number} {note}")
        airtable.edit("FAQ", record_of(airtable, "FAQ"), Answer=f"Answer {number}")
        await town.wait(1)
        airtable.workspace.trouble = Trouble()
        await town.wait(60)
        await sync(town)
        assert said(town, f"Reply {number}") == 1
        assert await town.say("is there parking?", JOHN) == [f"Answer {number}"]
        if not trouble.was_met:
            break
    assert number > 4


async def test_what_changed_while_everything_is_reread_is_obeyed_once(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.wait(3600)
    await town.say("hola")
    await sync(town)
    airtable.workspace.trouble.refusal = BUSY
    await town.wait(10 * 3600)
    airtable.edit("Contacts", record(airtable), Reply="Soy Eva.", Send_reply=True)
    await town.wait(13 * 3600 + 60)
    airtable.workspace.trouble.refusal = None
    await town.wait(60)
    await sync(town)
    assert said(town, "Soy Eva.") == 1


@pytest.mark.needs("faq")
async def test_rereading_goes_on_when_airtable_forgot_where_it_was(
    tmp_path: Path, airtable: AirtableDouble
) -> None:
    town = BotHarness(tmp_path, airtable=airtable, airtable_monthly_calls=100_000)
    await town.start()
    await town.settle()
    for number in range(101):  # two pages
        write(airtable, "FAQ", Question=f"What is {number}?")
    lane = lane_of(airtable.config.base_id)
    place = Transaction(lambda c, _: state_of(c, lane)["rereading"])
    while not ((reached := await town.database.submit(place)) and reached["offset"]):
        await town.wait(60)
    airtable.workspace.trouble.refusal = BUSY
    await town.wait(3600)
    airtable.workspace.trouble.refusal = None
    for _ in range(10):
        await town.wait(300)
    assert await town.database.submit(place) is None
    assert (await town.state.health.readiness())[1]["airtable"] == "ok"
    await town.stop()


async def test_one_bad_record_does_not_block_the_others(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("hello", ANA)
    await sync(town)
    airtable.bases.create(
        airtable.config.base_id,
        airtable.table("Contacts"),
        dict(record(airtable).cells),
        "client",
    )  # an operator duplicated the record: its key is no longer unique
    await town.say("again", ANA)
    await town.say("hello", JOHN)
    await sync(town)
    assert contact(airtable, JOHN)["Last message"] == "hello"
    rows = [row for row in airtable.rows("Contacts") if row["Phone"] == f"+{ANA}"]
    assert [row["Last message"] for row in rows] == ["again", "hello"]  # the copy is nobody
    table = airtable.table("Contacts")
    copy = [
        one for one in table.records.values() if one.cells[table.field("Phone").id] == f"+{ANA}"
    ]
    airtable.bases.delete(airtable.config.base_id, table, copy[1], "client")
    await town.wait(120)
    await sync(town)
    assert contact(airtable)["Last message"] == "again"


async def test_fields_may_be_renamed(town: BotHarness, airtable: AirtableDouble) -> None:
    await town.say("hello")
    await sync(town)
    table = airtable.table("Contacts")
    table.field("Status").name = "Who answers"
    table.name = "People"
    await town.restart()
    airtable.edit("People", record_of(airtable, "People"), Who_answers="Human")
    await sync(town)
    assert await town.say("hello?") == []
    await sync(town)
    assert [row["Last message"] for row in airtable.rows("People")] == ["hello?"]


async def test_a_field_that_was_deleted_is_made_again_and_nothing_is_lost(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("hello")
    await sync(town)
    airtable.table("Contacts").remove_field("Unread")
    await town.say("hello again")
    await sync(town)
    await town.wait(600)
    await sync(town)
    assert contact(airtable)["Last message"] == "hello again"
    assert contact(airtable)["Unread"] == 0


async def test_a_webhook_that_ended_is_replaced_and_what_it_missed_is_read(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("hello")
    await sync(town)
    [webhook] = airtable.workspace.webhooks.of(airtable.config.base_id)
    airtable.workspace.webhooks.delete(airtable.config.base_id, webhook.id)
    airtable.edit("Contacts", record(airtable), Status="Human")
    await sync(town)
    await sync(town)
    assert await town.say("hello?") == []
    assert len(airtable.workspace.webhooks.of(airtable.config.base_id)) == 1


async def test_the_webhook_is_kept_alive(town: BotHarness, airtable: AirtableDouble) -> None:
    [before] = airtable.workspace.webhooks.of(airtable.config.base_id)
    for _ in range(10):
        await town.wait(24 * 3600)
    [after] = airtable.workspace.webhooks.of(airtable.config.base_id)
    assert after.id == before.id


async def test_a_base_that_is_not_set_up_is_left_alone(
    tmp_path: Path, airtable: AirtableDouble
) -> None:
    town = BotHarness(tmp_path, airtable=airtable, airtable_create_tables=False)
    await town.start()
    await town.say("hello")
    await town.wait(600)
    assert airtable.bases.tables(airtable.config.base_id) == []
    await town.stop()


async def test_the_plug_is_pulled_between_airtable_and_the_commit(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("humano")
    await sync(town)
    airtable.edit("Contacts", record(airtable), Reply="Ya voy", Send_reply=True)
    await town.restart()
    await sync(town)
    await sync(town)
    assert said(town, "Ya voy") == 1
    assert len(airtable.rows("Contacts")) == 1


async def ping(town: BotHarness, airtable: AirtableDouble, **changes: Any) -> None:
    """Pass on what Airtable posts, perhaps with another MAC."""
    [(url, body, headers)] = airtable.workspace.webhooks.pings
    airtable.workspace.webhooks.pings = []
    assert url == PING
    controller = town.state.by_name()["airtable"]
    assert controller is not None
    await controller.receive(body, changes.get("mac", headers["X-Airtable-Content-MAC"]))


PING = "https://bot.example/airtable/webhook"


async def test_airtable_says_when_there_is_something(
    tmp_path: Path, airtable: AirtableDouble
) -> None:
    town = BotHarness(
        tmp_path, airtable=airtable, airtable_webhook_url=PING, airtable_poll_seconds=3600
    )
    await town.start()
    await town.settle()
    await town.say("hello")
    await town.wait(3600)
    airtable.edit("Contacts", record(airtable), Status="Human")
    with pytest.raises(Forbidden):
        await ping(town, airtable, mac="hmac-sha256=00")
    airtable.edit("Contacts", record(airtable), Notes="x")
    await ping(town, airtable)
    await town.settle()
    assert await town.say("hello?") == []
    await town.stop()


async def test_a_bot_with_another_address_subscribes_anew(
    tmp_path: Path, town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.stop()
    moved = BotHarness(tmp_path, airtable=airtable, airtable_webhook_url=PING)
    await moved.start()
    await moved.settle()
    [webhook] = airtable.workspace.webhooks.of(airtable.config.base_id)
    assert webhook.url == PING
    await moved.stop()
    await town.start()


async def test_health_tells_of_airtable(town: BotHarness, airtable: AirtableDouble) -> None:
    assert (await town.state.health.readiness())[1]["airtable"] == "ok"
    airtable.workspace.trouble.refusal = AirtableRefusal(401, "AUTHENTICATION_REQUIRED")
    await sync(town)
    is_ready, checks = await town.state.health.readiness()
    assert (is_ready, checks["airtable"]) == (True, "AUTHENTICATION_REQUIRED")


@pytest.mark.needs("handoff")
async def test_without_airtable_nobody_is_promised(tmp_path: Path) -> None:
    town = BotHarness(tmp_path)
    await town.start()
    assert (await town.state.health.readiness())[1]["airtable"] == "not configured"
    assert "Nadie de nuestro equipo lee este chat" in (await town.say("humano"))[0]
    assert len(await town.say("hola")) == 1
    await town.stop()


async def test_turns_leave_no_jobs_behind(town: BotHarness) -> None:
    for _ in range(5):
        await sync(town)

    def count(connection: Connection, _now: float) -> int:
        return int(connection.scalar(select(func.count()).select_from(job)) or 0)

    assert await town.database.submit(Transaction(count)) <= 1


@pytest.mark.needs("handoff")
async def test_who_asks_for_a_person_has_a_ticket_until_it_is_done(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("asesor")
    await sync(town)
    await sync(town)
    [ticket] = airtable.rows("Tickets")
    assert ticket["Contact"] == [record(airtable).id]
    assert ticket["Asked"] == "asesor"
    assert "Closed at" not in ticket
    airtable.edit("Contacts", record(airtable), Reply="Eva here.", Send_reply=True)
    await sync(town)
    await town.say("gracias, Eva")
    assert (await town.user()).held_since is not None
    airtable.edit("Tickets", record_of(airtable, "Tickets"), Done=True)
    await sync(town)
    user = await town.user()
    assert (user.status, user.held_since, user.held_by) == (None, None, None)
    await sync(town)
    assert "Closed at" in airtable.rows("Tickets")[0]
    assert (contact(airtable)["Status"], contact(airtable)["Unread"]) == ("Bot", 0)
    assert len(await town.say("hola")) == 1


@pytest.mark.needs("handoff")
async def test_a_ticket_by_hand_is_no_ticket_and_its_problem_says_so(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    made = write(airtable, "Tickets", Summary="Called us.")
    await sync(town)
    [row] = airtable.rows("Tickets")
    assert row == {"Summary": "Called us.", "Problem": NOT_READ}
    airtable.edit("Tickets", made, Problem="")
    await sync(town)
    assert "Problem" not in airtable.rows("Tickets")[0]


@pytest.mark.needs("handoff")
async def test_done_ends_who_held_a_conversation_that_the_owner_answered(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("asesor")
    await sync(town)
    held = {"status": ConversationStatus.PHONE, "held_by": "app 7", "held_since": NOON}
    await town.database.submit(CommitJobs(writes=[users.change((await town.user()).key, held)]))
    airtable.edit("Tickets", record_of(airtable, "Tickets"), Done=True)
    await sync(town)
    user = await town.user()
    assert (user.status, user.held_since, user.held_by) == (None, None, None)


@pytest.mark.needs("handoff")
async def test_to_hand_back_closes_the_ticket(town: BotHarness, airtable: AirtableDouble) -> None:
    await town.say("asesor")
    await sync(town)
    airtable.edit("Contacts", record(airtable), Status="Bot")
    await sync(town)
    await sync(town)
    assert "Closed at" in airtable.rows("Tickets")[0]


@pytest.mark.needs("handoff")
async def test_who_waits_outside_the_hours_is_told_once_in_a_while(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    hours = airtable.table("Hours")
    closed = hours.read({"Day or date": "Monday", "Closed": True}, typecast=False)
    airtable.bases.create(airtable.config.base_id, hours, closed, "client")
    await sync(town)
    [away] = await town.say("asesor")
    assert "no está disponible" in away
    assert len(await town.say("¿hola?")) == 1  # the bot goes on
    await sync(town)
    airtable.edit("Contacts", record(airtable), Bot_paused_until="2100-01-01T00:00:00Z")
    await town.wait(12 * 3600)
    away, menu = await town.say("¿hola?")
    assert "no está disponible" in away
    assert menu.startswith("¡Hola!")
    assert len(await town.say("¿hola?")) == 1


@pytest.mark.needs("handoff")
async def test_a_row_of_hours_that_says_nothing_is_left_out(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    hours = airtable.table("Hours")
    for name, opens in (("someday", "09:00"), ("Monday", "nine"), ("", "")):
        cells = hours.read({"Day or date": name, "Opens": opens}, typecast=False)
        airtable.bases.create(airtable.config.base_id, hours, cells, "client")
    await sync(town)
    assert len(await town.say("asesor")) == 1  # always open


@pytest.mark.needs("handoff")
async def test_every_trace_of_a_person_is_erased(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("STOP")
    await town.say("START")
    await town.say("asesor")
    await town.say("hello", JOHN)
    await sync(town)
    await sync(town)
    assert len(airtable.rows("Tickets")) == 1
    person = await town.user()
    await erase(town, airtable)
    await sync(town)
    assert any("datos fueron borrados" in str(entry) for entry in town.person(ANA).entries)
    assert [row["Phone"] for row in airtable.rows("Contacts")] == [f"+{JOHN}"]
    assert airtable.rows("Tickets") == airtable.rows("Consent log") == []
    assert await traces(town, ANA) == []
    assert await traces(town, person.key) == []
    known_again = await town.database.submit(Transaction(lambda c, _: erased(c, [person])))
    assert known_again == {person.key}


@pytest.mark.needs("handoff", "assistant")
async def test_every_trace_of_a_talk_is_erased(
    tmp_path: Path, airtable: AirtableDouble, openai: OpenAIDouble
) -> None:
    posted: list[httpx.Request] = []

    def chat(request: httpx.Request) -> httpx.Response:
        posted.append(request)
        return httpx.Response(200)

    town = BotHarness(
        tmp_path,
        airtable=airtable,
        openai=openai,
        airtable_messages_days=7,
        operators_chat_url="http://chat/hook",
    )
    town.others["chat"] = httpx.MockTransport(chat)
    await town.start()
    await town.settle()
    await town.say("me llamo Luz y tengo un canario")
    await town.say("asesor")
    await sync(town)
    person = await town.user()
    assert len(posted) == 1
    await erase(town, airtable)
    await sync(town)
    for words in (ANA, person.key, "canario", "asesor"):
        assert await traces(town, words) == []
    await town.stop()


async def traces(town: BotHarness, words: str) -> list[str]:
    """The tables in which something can be found."""

    def search(connection: Connection, _now: float) -> list[str]:
        return [
            table.name
            for table in metadata.sorted_tables
            if any(words in str(row) for row in connection.execute(select(table)))
        ]

    return await town.database.submit(Transaction(search))


async def test_who_was_erased_and_writes_again_begins_anew(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("hola")
    await sync(town)
    await erase(town, airtable)
    await sync(town)
    assert airtable.rows("Contacts") == []
    assert len(await town.say("hola")) == 1
    await sync(town)
    assert contact(airtable)["Last message"] == "hola"
    assert (await town.user()).wa_id == ANA


async def write_faq(town: BotHarness, airtable: AirtableDouble, **entry: Any) -> None:
    write(airtable, "FAQ", **{"Language": "es", "Active": True, **entry})
    await sync(town)


@pytest.mark.needs("faq")
async def test_operators_write_answers_and_people_get_them(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    assert "Eso no lo sé" in (await town.say("¿hay casillero?"))[0]
    parking = {"Question": "¿Hay casillero?", "Also asked as": "dónde dejo el morral\nguardar"}
    await write_faq(town, airtable, **parking, Answer="Sí, detrás de la casa.")
    assert await town.say("¿hay casillero?") == ["Sí, detrás de la casa."]
    assert await town.say("donde dejo mi morral") == ["Sí, detrás de la casa."]
    airtable.edit("FAQ", record_of(airtable, "FAQ"), Answer="No.")
    await sync(town)
    assert await town.say("¿hay casillero?") == ["No."]
    airtable.edit("FAQ", record_of(airtable, "FAQ"), Active=False)
    await sync(town)
    await town.wait(30)  # the same words at once would be a second tap
    assert "Eso no lo sé" in (await town.say("¿hay casillero?"))[0]


@pytest.mark.needs("faq")
async def test_what_is_near_can_be_tapped(town: BotHarness, airtable: AirtableDouble) -> None:
    long = "¿Cuánto cuesta el casillero para bicicletas los domingos?"
    await write_faq(town, airtable, Question=long, Answer="Nada.")
    other = "¿Cuánto cuesta el casillero para motos?"
    await write_faq(town, airtable, Question=other, Answer="5 euros.")
    assert await town.say(other) == ["5 euros."]  # the wording of an entry is no guess
    assert await town.say("¿y el casillero?") == ["¿Te refieres a una de estas preguntas?"]
    first = next(one for one in town.choices(ANA) if one.get("description") == long)
    assert len(first["title"]) <= 24
    assert await town.tap_id(first["id"]) == ["Nada."]


async def test_consent_is_kept_for_good(town: BotHarness, airtable: AirtableDouble) -> None:
    await town.say("STOP")
    await town.say("START")
    await sync(town)
    await sync(town)
    log = airtable.rows("Consent log")
    assert [(row["Event"], row["Detail"]) for row in log] == [
        ("opted out", "STOP"),
        ("opted in", "START"),
    ]
    assert all(row["Contact"] == [record(airtable).id] for row in log)


@pytest.mark.needs("templates")
async def test_templates_are_shown_with_what_became_of_them(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    body = [{"type": "BODY", "text": "Hi {{1}}, see you on {{2}}."}]
    given = {"language": "en", "category": "UTILITY", "components": body}
    for number in range(12):
        town.account.templates.create(completed({"name": f"order_{number}", **given}))
    made = town.account.templates.create(completed({"name": "please_reject", **given}))
    await town.wait(3600)
    await sync(town)
    rows = {row["Key"]: row for row in airtable.rows("Templates")}
    assert len(rows) == 14
    assert rows["hello_world:en_US"]["Status"] == "APPROVED"
    assert rows["order_0:en"]["Variables"] == "1\n2"
    assert rows["please_reject:en"]["Status"] == "REJECTED"
    town.account.templates.delete("please_reject", [made["id"]])
    await town.wait(3600)
    await sync(town)
    rows = {row["Key"]: row for row in airtable.rows("Templates")}
    assert rows["please_reject:en"]["Status"] == "DELETED"
    calls = airtable.workspace.limits.count
    await town.wait(300)
    assert airtable.workspace.limits.count == calls + 1  # to ask operators; nothing is new


@pytest.mark.needs("handoff")
async def test_a_newer_bot_makes_what_it_plans_besides(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    name = ids_name(airtable.config.base_id)

    def forget(connection: Connection, _now: float) -> None:
        known = get(connection, name)
        del known["Tickets"], known["Contacts"]["fields"]["Problem"]
        put(connection, name, known)

    await town.database.submit(Transaction(forget))  # as if they had not been planned
    tables = airtable.bases.tables(airtable.config.base_id)
    tables[:] = [table for table in tables if table.name != "Tickets"]
    airtable.table("Contacts").remove_field("Problem")
    await town.say("asesor")
    await sync(town)
    await sync(town)
    assert [row["Asked"] for row in airtable.rows("Tickets")] == ["asesor"]
    assert airtable.table("Contacts").field("Problem")


async def test_payloads_of_other_shapes_do_no_harm(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("hello")
    await sync(town)
    [webhook] = airtable.workspace.webhooks.of(airtable.config.base_id)
    contacts = airtable.table("Contacts").id
    webhook.payloads += [
        {},
        {"changedTablesById": {"tblUnknown": {"changedRecordsById": {"recX": {}}}}},
        {"changedTablesById": {contacts: {"changedRecordsById": {"recX": {"current": {}}}}}},
        {"changedTablesById": {contacts: {"createdRecordsById": {"recY": {}}}}},
        {"destroyedTableIds": ["tblGone"], "error": True, "code": "INVALID_FILTERS"},
    ]
    airtable.edit("Contacts", record(airtable), Status="Human")
    await sync(town)
    assert await town.say("hello?") == []
    assert (await town.state.health.readiness())[1]["airtable"] == "ok"


@pytest.mark.needs("assistant", "faq", "handoff")
async def test_the_assistant_is_told_what_operators_know(
    tmp_path: Path, airtable: AirtableDouble, openai: OpenAIDouble
) -> None:
    town = BotHarness(tmp_path, openai=openai, airtable=airtable)
    await town.start()
    await town.settle()
    await write_faq(town, airtable, Question="¿Hay casillero?", Answer="Detrás de la casa.")
    await town.say("¿hay casillero?")
    await town.say("¿cuándo es la fiesta?")
    prompts = [one["messages"][0]["content"] for one in openai.model.asked]
    assert "¿Hay casillero?\nDetrás de la casa." in prompts[0]
    assert "casillero" not in prompts[1]
    openai.model.will_say(
        Said(calls=[Call("search_knowledge", '{"question": "casillero"}')]), "Detrás."
    )
    await town.say("¿dónde dejo el carro?")
    assert "Detrás de la casa." in openai.model.asked[-1]["messages"][-1]["content"]
    openai.model.will_say(Said(calls=[Call("talk_to_human")]), "")
    assert "Alguien de nuestro equipo" in (await town.say("quiero que me atienda alguien"))[0]
    await sync(town)
    await sync(town)
    assert airtable.rows("Tickets")[0]["Asked"] == "quiero que me atienda alguien"
    await town.stop()


@pytest.mark.needs("handoff")
async def test_a_contact_that_was_deleted_comes_back_and_blocks_nobody(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("STOP")
    await sync(town)
    contacts = airtable.table("Contacts")
    airtable.bases.delete(airtable.config.base_id, contacts, record(airtable), "publicApi")
    await town.say("START")  # an event whose contact is gone, and nobody told us
    await town.say("asesor", JOHN)
    await sync(town)
    await sync(town)
    assert [row["Asked"] for row in airtable.rows("Tickets")] == ["asesor"]
    assert contact(airtable)["Marketing consent"] == "Unknown"  # it was made anew
    again = record(airtable)
    airtable.bases.delete(airtable.config.base_id, contacts, again, "client")
    await sync(town)
    await sync(town)
    assert record(airtable).id != again.id
    await town.wait(3600)
    await sync(town)
    assert [row["Event"] for row in airtable.rows("Consent log")] == ["opted out", "opted in"]


@pytest.mark.needs("faq")
async def test_operators_see_how_often_an_answer_was_given(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await write_faq(town, airtable, Question="¿Hay casillero?", Answer="Sí.")
    for _ in range(2):
        await town.say("¿hay casillero?")
    await town.wait(15 * 60)
    await sync(town)
    [row] = airtable.rows("FAQ")
    assert row["Hits"] == 2
    assert row["Last hit at"] < town.clock().isoformat()
    await town.say("¿hay casillero?")
    airtable.bases.delete(
        airtable.config.base_id, airtable.table("FAQ"), record_of(airtable, "FAQ"), "client"
    )
    await town.wait(15 * 60)
    assert (await town.state.health.readiness())[1]["airtable"] == "ok"


@pytest.mark.needs("faq")
async def test_operators_see_what_they_have_no_answer_to(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    for _ in range(2):
        await town.say("¿venden   helados?")
    await sync(town)
    await sync(town)
    [row] = airtable.rows("Unanswered")
    assert row["Question"] == "¿venden helados?"
    assert row["Language"] == "es"
    assert row["Contact"] == [record(airtable).id]


async def test_operators_read_along_where_it_is_wanted(
    tmp_path: Path, airtable: AirtableDouble
) -> None:
    town = BotHarness(tmp_path, airtable=airtable, airtable_messages_days=1)
    await town.start()
    await town.settle()
    await town.say("hola")
    await town.send({"type": "image", "image": {"id": "1", "mime_type": "image/png"}})
    await sync(town)
    await sync(town)
    rows = {
        (row["Direction"], row["Type"], row.get("Text", ""), row.get("Status"))
        for row in airtable.rows("Messages")
    }
    [menu] = [row for row in rows if "¿Qué te gustaría hacer?" in row[2]]
    # the first bubble says that a bot answers, too
    assert menu[2].startswith("¡Hola! ¿Qué te gustaría hacer?\n\nSoy un bot. ")
    [other] = rows - {("in", "text", "hola", None), ("in", "image", "[image]", None), menu}
    assert [(one[0], one[1], one[3]) for one in (menu, other)] == [
        ("out", "interactive", "read"),
        ("out", "interactive", "read"),
    ]
    assert "imágenes" in other[2]
    assert len(rows) == 4
    await town.wait(24 * 3600)
    await town.say("hola de nuevo")
    await sync(town)
    await sync(town)
    assert [row["Text"] for row in airtable.rows("Messages") if row["Direction"] == "in"] == [
        "hola de nuevo"
    ]
    await erase(town, airtable)
    await sync(town)
    assert airtable.rows("Messages") == []
    await town.stop()


async def test_no_messages_are_shown_unless_it_is_wanted(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("hola")
    await sync(town)
    names = [table.name for table in airtable.bases.tables(airtable.config.base_id)]
    assert "Messages" not in names


@pytest.mark.needs("handoff")
async def test_a_team_is_told_in_its_chat_who_asks_for_it(
    tmp_path: Path, airtable: AirtableDouble
) -> None:
    posted: list[Any] = []

    def chat(request: httpx.Request) -> httpx.Response:
        posted.append(json.loads(request.content))
        return httpx.Response(503 if len(posted) == 1 else 200)

    town = BotHarness(tmp_path, airtable=airtable, operators_chat_url="http://chat/hook")
    town.others["chat"] = httpx.MockTransport(chat)
    await town.start()
    await town.settle()
    assert "Alguien de nuestro equipo" in (await town.say("asesor"))[0]
    await town.wait(30)
    assert len(posted) == 2
    text = posted[1]["text"]
    assert text.startswith(f'Someone (+{ANA}) asks for a person: "asesor". Ticket ')
    await town.stop()


async def test_what_came_of_a_reply_is_shown(town: BotHarness, airtable: AirtableDouble) -> None:
    await town.say("hola")
    await sync(town)
    airtable.edit("Contacts", record(airtable), Reply="Soy Eva.", Send_reply=True)
    await sync(town)
    await sync(town)
    shown = contact(airtable)["Reply result"]
    assert shown.startswith("Read at 20")
    assert shown.endswith(": Soy Eva.")


@pytest.mark.needs("faq")
async def test_a_new_answer_is_active_and_its_markdown_is_whatsapps(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    made = write(airtable, "FAQ", Question="¿Hay casillero?", Language="es")
    await sync(town)
    row = airtable.rows("FAQ")[0]
    assert (row["Active"], row["Problem"]) == (True, "Not used: Answer is empty.")
    airtable.edit("FAQ", made, Answer="Sí, detrás de la **casa**.")
    await sync(town)
    assert "Problem" not in airtable.rows("FAQ")[0]
    assert await town.say("¿hay casillero?") == ["Sí, detrás de la *casa*."]
    airtable.edit("FAQ", made, Active=False)
    await sync(town)
    assert "Active" not in airtable.rows("FAQ")[0]
    assert "Sí, detrás" not in str(await town.say("¿hay casillero?"))


@pytest.mark.needs("handoff")
async def test_hours_that_cannot_be_read_say_why(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    made = write(airtable, "Hours", Day_or_date="Thurs", Opens="nine", Closes="6pm")
    await sync(town)
    assert airtable.rows("Hours")[0]["Problem"].startswith("Left out: Thurs: times are written")
    airtable.edit("Hours", made, Opens="9")
    await sync(town)
    assert "Problem" not in airtable.rows("Hours")[0]


@pytest.mark.needs("faq")
async def test_entries_from_before_the_first_start_are_active_once(
    town: BotHarness, airtable: AirtableDouble, tmp_path: Path
) -> None:
    """Operators may begin before the bot: it ticks what it finds first, and nothing later."""
    await town.stop()
    made = write(airtable, "FAQ", Question="Parking?", Answer="Behind the house.")
    (tmp_path / "new").mkdir()
    fresh = BotHarness(tmp_path / "new", airtable=airtable)
    await fresh.start()
    tables = len(airtable.bases.tables(airtable.config.base_id))
    for _ in range(tables):
        await sync(fresh)
    assert airtable.rows("FAQ")[0]["Active"] is True
    airtable.edit("FAQ", made, Active=False)
    await fresh.wait(24 * 3600)
    for _ in range(tables):
        await sync(fresh)
    assert "Active" not in airtable.rows("FAQ")[0]
    await fresh.stop()
    await town.start()

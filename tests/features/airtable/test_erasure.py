"""Erased people leave nothing behind: in rows, in the bytes of the files, and in Airtable."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, update
from tests.fakes.bot import ANA, JOHN, BotHarness
from tests.fakes.leftovers import in_bytes, in_rows
from tests.fakes.operators import BUSY, contact, erase, record, sync
from tests.fakes.posted import post_text

from emulator.airtable.testing import AirtableDouble
from features.airtable.tables.contacts import desk
from jobs.model import JobState
from jobs.tables import job, lane
from services.agent import AgentReply, AgentRequest
from services.erasure import MAX_WAIT
from storage.engine.group_commit import Transaction
from texts.language import language_of

#: Words that occur nowhere else.
NAME, DOCUMENT, ABOUT = "Zenobia Quxley", "XK998877", "ornithopter"
ELSEWHERE, IN_GROUP = "velociraptor", "xylophonist"


class Echo:
    async def reply(self, request: AgentRequest) -> AgentReply:
        return AgentReply("Yes.", tokens=1)


@pytest.fixture
async def town(tmp_path: Path, airtable: AirtableDouble) -> AsyncIterator[BotHarness]:
    town = BotHarness(tmp_path, airtable=airtable, airtable_messages_days=7)
    await town.start()
    await town.settle()
    yield town
    await town.stop()


async def register(town: BotHarness, consent: str = "yes") -> None:
    for text in ("register", NAME):
        await town.say(text)
    await town.tap("PASSPORT")
    for text in (DOCUMENT, "25/12/1990", f"Construyo modelos de {ABOUT} y leo mucho"):
        await town.say(text)
    await town.tap(consent)


async def run_sql(town: BotHarness, statement: Any) -> Any:
    def run(connection: Connection, _now: float) -> Any:
        result = connection.execute(statement)
        return result.all() if result.returns_rows else None

    return await town.database.submit(Transaction(run))


def words_of(town: BotHarness) -> tuple[str, ...]:
    return (ANA, town.person(ANA).user_id, NAME, DOCUMENT, ABOUT, ELSEWHERE, IN_GROUP)


async def open_erasures(town: BotHarness) -> Any:
    _, checks = await town.state.health.readiness()
    return checks["open_erasures"]


async def test_no_row_and_no_byte_of_the_files_holds_an_erased_person(
    town: BotHarness, airtable: AirtableDouble, tmp_path: Path
) -> None:
    await register(town)
    await town.say("hello", JOHN)
    await post_text(town, ELSEWHERE, number="200000000000002")
    await post_text(town, IN_GROUP, group_id="group.1")
    await town.settle()
    await sync(town)
    assert {NAME, DOCUMENT} <= {word for _, word in await in_rows(town.database, *words_of(town))}
    texts = town.bot.parts.context.texts
    language = language_of(await town.user(), texts.languages, town.settings.default_language)
    await erase(town, airtable)
    notice = texts.say(language, "airtable.erased")
    assert any(notice in str(entry) for entry in town.person(ANA).entries)
    assert await in_rows(town.database, *words_of(town)) == set()
    assert in_bytes(tmp_path, *words_of(town)) == set()
    assert ANA not in str([airtable.rows(name) for name in ("Contacts", "Messages")])
    assert await in_rows(town.database, JOHN)


@pytest.mark.needs("assistant")
async def test_work_that_nobody_will_do_holds_up_no_erasure(
    tmp_path: Path, airtable: AirtableDouble
) -> None:
    town = BotHarness(tmp_path, Echo(), airtable=airtable)
    await town.start()
    await town.settle()
    await register(town)
    town.account.say(town.person(ANA), {"type": "text", "text": {"body": ELSEWHERE}})
    await town.account.webhooks.idle()
    await town.workers["conversations"].run_until_idle()
    town._agent = None
    await town.restart()
    await sync(town)
    assert await run_sql(town, select(job.c.id).where(job.c.lane.startswith("ai:"))) != []
    await erase(town, airtable)
    assert await in_rows(town.database, *words_of(town)) == set()
    await town.stop()


async def test_dead_letters_and_what_quotes_a_person_go_with_them(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await post_text(town, ELSEWHERE)
    await post_text(town, IN_GROUP, group_id="group.1")
    await run_sql(town, update(job).values(state=JobState.DEAD, error=ELSEWHERE))
    await town.say("hola")
    await sync(town)
    await erase(town, airtable)
    assert await in_rows(town.database, *words_of(town)) == set()


async def test_what_waits_for_a_worker_goes_first_and_is_deleted_after_an_hour(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("hola")
    await sync(town)
    await post_text(town, ELSEWHERE)
    asleep = town.clock.now + 10 * MAX_WAIT.total_seconds()
    held = {"ready_at": asleep, "not_before": asleep}
    await run_sql(town, update(lane).where(lane.c.name.startswith("in:")).values(held))
    await erase(town, airtable)
    assert await open_erasures(town) == 1
    assert "datos fueron borrados" not in str(town.person(ANA).entries)
    assert (ELSEWHERE, "job") not in await in_rows(town.database, ELSEWHERE)
    assert await in_rows(town.database, ELSEWHERE)
    await town.wait(MAX_WAIT.total_seconds())
    await sync(town)
    assert await in_rows(town.database, *words_of(town)) == set()
    assert await open_erasures(town) == 0
    assert "datos fueron borrados" in str(town.person(ANA).entries)


async def test_nothing_is_announced_while_airtable_refuses_and_the_erasure_is_counted(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("hola")
    await sync(town)
    await run_sql(town, update(desk).values(erase_at=town.clock()))
    airtable.workspace.trouble.refusal = BUSY
    for _ in range(5):
        await town.wait(3600)
    assert await open_erasures(town) == 1
    assert b"bot_open_erasures 1.0" in await town.state.health.metrics()
    assert "datos fueron borrados" not in str(town.person(ANA).entries)
    airtable.workspace.trouble.refusal = None
    await town.wait(60)
    await sync(town)
    assert await open_erasures(town) == 0
    assert await in_rows(town.database, *words_of(town)) == set()
    assert "datos fueron borrados" in str(town.person(ANA).entries)


async def test_a_farewell_that_meta_refuses_leaves_no_trace(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("hola")
    await sync(town)
    town.person(ANA).is_on_whatsapp = False
    await erase(town, airtable)
    assert await in_rows(town.database, *words_of(town)) == set()


async def test_whoever_writes_again_is_a_stranger(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await register(town)
    await sync(town)
    await erase(town, airtable)
    await town.wait(timedelta(minutes=1).total_seconds())
    assert len(await town.say("hola")) == 1
    assert (await town.user()).full_name is None


async def test_an_erasure_is_confirmed_and_can_be_undone_for_an_hour(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("hola")
    await sync(town)
    airtable.edit("Contacts", record(airtable), Erase_requested=True)
    await sync(town)
    await sync(town)
    assert contact(airtable)["Erasure"] == "Nothing is erased yet: tick Confirm erasure, too."
    await town.wait(2 * 3600)
    airtable.edit("Contacts", record(airtable), Confirm_erasure=True)
    await sync(town)
    await sync(town)
    assert contact(airtable)["Erasure"].startswith("All about this person is erased at 20")
    await town.wait(3000)
    airtable.edit("Contacts", record(airtable), Erase_requested=False)
    await sync(town)
    await town.wait(3600)
    await sync(town)
    assert "Erasure" not in contact(airtable)
    assert await open_erasures(town) == 0

"""What people are told about their answers is true as soon as they are told."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, update
from tests.fakes.bot import ANA, BotHarness
from tests.fakes.leftovers import in_bytes, in_rows

from emulator.airtable.testing import AirtableDouble
from jobs.model import JobState
from jobs.tables import job
from services.agent import AgentReply, AgentRequest
from services.conversations.job_specs import CONVERSATIONS
from storage.engine.group_commit import Transaction

#: Words that occur nowhere else.
NAME, DOCUMENT, ABOUT, SAID = "Zenobia Quxley", "XK998877", "ornithopter", "velociraptor"
WORDS = (NAME, DOCUMENT, "1990-12-25", "25/12/1990", ABOUT, SAID)


class Echo:
    async def reply(self, request: AgentRequest) -> AgentReply:
        return AgentReply("Yes.", tokens=1)


async def answer(town: BotHarness, consent: str) -> list[str]:
    for text in ("register", NAME):
        await town.say(text)
    await town.tap("PASSPORT")
    for text in (DOCUMENT, "25/12/1990", f"I build {ABOUT} models and read a lot"):
        await town.say(text)
    return await town.tap(consent)


async def delete(town: BotHarness) -> list[str]:
    await town.say("delete my data")
    return await town.tap("yes")


async def fail_all_messages(town: BotHarness) -> None:
    """As if each message that was handled so far had failed, quoting the person."""

    def fail(connection: Connection, _now: float) -> None:
        values: dict[str, Any] = {"state": JobState.DEAD, "body": f'{{"text": "{SAID}"}}'}
        of_people = job.c.lane.startswith(CONVERSATIONS.lane(""))
        connection.execute(update(job).where(of_people).values(values).values(error=SAID))

    await town.database.submit(Transaction(fail))


async def test_finished_jobs_keep_nothing_but_their_keys(town: BotHarness) -> None:
    await answer(town, "yes")
    assert {table for table, _ in await in_rows(town.database, *WORDS)} == {"users"}


async def test_whoever_does_not_agree_leaves_no_answer_behind(
    town: BotHarness, tmp_path: Path
) -> None:
    await fail_all_messages(town)
    assert "keep none of these" in (await answer(town, "no"))[0]
    assert await in_rows(town.database, *WORDS) == set()
    assert in_bytes(tmp_path, *WORDS) == set()


async def test_whoever_does_not_agree_keeps_what_they_agreed_to_before(town: BotHarness) -> None:
    await answer(town, "yes")
    await town.say("register")
    await town.say("cancel")
    await answer(town, "no")
    assert (await town.user()).full_name == NAME


async def test_whoever_has_their_data_deleted_leaves_no_answer_behind(
    town: BotHarness, tmp_path: Path
) -> None:
    await answer(town, "yes")
    await fail_all_messages(town)
    assert "has been deleted" in (await delete(town))[0]
    assert await in_rows(town.database, *WORDS) == set()
    assert in_bytes(tmp_path, *WORDS) == set()


async def test_the_dead_letters_of_others_stay(town: BotHarness) -> None:
    await town.say("hello", f"1{ANA}")
    await fail_all_messages(town)
    await answer(town, "no")
    assert await in_rows(town.database, SAID) == {("job", SAID)}


@pytest.mark.needs("assistant")
async def test_a_question_that_waits_for_ever_is_deleted_with_the_data(tmp_path: Path) -> None:
    town = BotHarness(tmp_path, Echo())
    await town.start()
    await answer(town, "yes")
    town.account.say(town.person(ANA), {"type": "text", "text": {"body": SAID}})
    await town.account.webhooks.idle()
    await town.workers["conversations"].run_until_idle()
    assert ("job", SAID) in await in_rows(town.database, SAID)
    town._agent = None
    await town.restart()
    await delete(town)
    assert await in_rows(town.database, *WORDS) == set()
    await town.stop()


@pytest.mark.needs("airtable")
async def test_operators_read_no_answers_of_whoever_does_not_agree(
    tmp_path: Path, airtable: AirtableDouble
) -> None:
    town = BotHarness(tmp_path, airtable=airtable, airtable_messages_days=7)
    await town.start()
    await town.settle()
    await answer(town, "no")
    for _ in range(3):
        await town.wait(1)
    assert await in_rows(town.database, *WORDS) == set()
    assert not [word for word in WORDS if word in str(airtable.rows("Messages"))]
    await town.stop()

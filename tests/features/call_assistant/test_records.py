"""Records of calls: in Airtable, for people known twice, and erased with the person."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection
from tests.fakes.bot import JOHN
from tests.fakes.known_twice import BSUID, NOW, PHONE, merge, owners, tables_with
from tests.features.call_assistant.test_talks import talk
from tests.features.calls.fake_engine import FakeEngine
from tests.features.calls.phone import CallTown

from emulator.airtable.testing import AirtableDouble
from emulator.openai.testing import OpenAIDouble
from features.call_assistant import tables
from features.call_assistant.tables import CallRecord, call_record
from services.agent import ChatTurn
from storage.engine.group_commit import GroupCommit, Transaction
from storage.people.erasure import forget
from storage.person_table import person_tables
from storage.tables.users import Users

WORDS = "When are you open?"
RECORD = CallRecord("wacid.1", PHONE, NOW, None, None, 0, "", "")


async def run(database: GroupCommit, *acts: Callable[[Connection], None]) -> None:
    for act in acts:
        await database.submit(Transaction(lambda connection, _, act=act: act(connection)))  # type: ignore[misc]


async def test_what_was_said_belongs_to_the_person_and_is_erased_with_them(
    database: GroupCommit,
) -> None:
    turn = ChatTurn("user", WORDS)
    await run(
        database,
        lambda c: tables.begin(c, RECORD, NOW + timedelta(days=30)),
        lambda c: tables.add_turn(c, "wacid.1", PHONE, 1, turn, is_cut=False, at=NOW),
    )
    await merge(database)
    assert await owners(database) == {"call_record": BSUID, "call_turn": BSUID}
    person = await Users(database).get(BSUID)
    await database.submit(Transaction(lambda connection, now: forget(connection, person, now)))
    assert await tables_with(database, PHONE, BSUID, WORDS) == []


async def test_who_deletes_their_data_leaves_a_record_without_words(database: GroupCommit) -> None:
    await run(
        database,
        lambda c: tables.begin(c, RECORD, NOW + timedelta(days=30)),
        lambda c: tables.end(c, "wacid.1", {"summary": WORDS, "transcript": WORDS}),
    )
    [declared] = [one for one in person_tables() if one.table is call_record]
    assert declared.on_forget is not None
    empty = declared.on_forget
    await run(database, lambda c: empty.run_many(c, [{"row_key": PHONE}]))
    assert await tables_with(database, WORDS) == []


@pytest.mark.needs("airtable")
async def test_operators_see_the_call_in_airtable(
    tmp_path: Path, airtable: AirtableDouble, openai: OpenAIDouble
) -> None:
    from tests.fakes.operators import sync

    engine = FakeEngine()
    town = CallTown(tmp_path, engine, openai=openai, airtable=airtable)
    await town.start()
    call = await talk(town)
    await sync(town)
    assert airtable.rows("Calls") == [], "it goes on"
    openai.model.will_say("Asked for the opening hours.")
    await town.hang_up(JOHN)
    await town.settle()
    for _ in range(3):
        await sync(town)
    [row] = airtable.rows("Calls")
    assert (row["Call"], row["End"]) == (call.id, "somebody hung up, or the bot said goodbye")
    assert row["Summary"] == "Asked for the opening hours."
    assert row["Transcript"] == "user: When are you open?\nassistant: Until five.…"
    assert row["Contact"]
    await town.stop()

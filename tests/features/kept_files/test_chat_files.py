"""Files that people send outside of forms: operators see them for a while."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select
from tests.fakes.bot import ANA, BotHarness
from tests.fakes.operators import contact, erase, record, sync

from app.runtime.retention import purge
from emulator.airtable.testing import AirtableDouble
from features.kept_files.jobs import FULL
from storage.engine.group_commit import Transaction
from storage.tables import kept_file_pieces, kept_files

PICTURE = b"\xff\xd8\xff" + bytes(range(256)) * 1200
MONTH = timedelta(days=31).total_seconds()


@pytest.fixture
async def town(tmp_path: Path, airtable: AirtableDouble) -> AsyncIterator[BotHarness]:
    town = BotHarness(tmp_path, airtable=airtable, keep_chat_files_days=30)
    await town.start()
    yield town
    await town.stop()


async def send(town: BotHarness, kind: str = "image", **content: Any) -> list[str]:
    types = {"image": "image/jpeg", "document": "application/pdf"}
    media_id = town.account.files.keep(PICTURE, types[kind])
    given = {"id": media_id, "mime_type": types[kind], **content}
    said = await town.send({"type": kind, kind: given})
    await town.wait(1)
    return said


async def sync_all(town: BotHarness) -> None:
    for _ in range(3):
        await sync(town)


def names(cells: dict[str, Any]) -> list[str]:
    return [one["filename"] for one in cells.get("Files", ())]


async def kept(town: BotHarness) -> tuple[int, int]:
    """Return the number of files that are known, and of stored pieces."""
    key = (await town.user()).key

    def count(connection: Connection, now: float) -> tuple[int, int]:
        pieces = connection.scalar(select(func.count()).select_from(kept_file_pieces.piece))
        return len(kept_files.of(connection, key, now)), int(pieces or 0)

    return await town.database.submit(Transaction(count))


async def test_the_ticket_shows_what_somebody_sends_who_waits(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("I want to talk to a person")
    await send(town, caption="it arrived broken")
    await send(town, "document", filename="invoice.pdf")
    await sync_all(town)
    [ticket] = airtable.rows("Tickets")
    assert names(ticket) == ["image.jpg", "invoice.pdf"]
    assert ticket["Files"][0]["size"] == len(PICTURE)
    asked = "I want to talk to a person\nit arrived broken\n[document: invoice.pdf]"
    assert ticket["Asked"] == asked
    assert names(contact(airtable)) == ["image.jpg", "invoice.pdf"]
    assert contact(airtable)["Last message"] == "[document: invoice.pdf]"
    await town.say("menu")
    await sync_all(town)
    assert airtable.rows("Tickets")[0]["Asked"] == asked
    assert "*Files (2):* photo or recording, invoice.pdf" in (await town.say("my data"))[0]


async def test_a_photo_that_came_before_is_in_the_contact_once(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("hi")
    await send(town)
    await sync_all(town)
    await sync_all(town)
    assert names(contact(airtable)) == ["image.jpg"]
    assert contact(airtable)["Last message"] == "[image]"


async def test_a_ticket_has_what_was_sent_in_the_hour_before_it(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    """The photo of the broken cup comes first, and then the request for a person."""
    await town.say("hi")
    await send(town, "document", filename="old.pdf")
    await sync_all(town)
    await town.wait(timedelta(hours=1).total_seconds())
    await send(town)
    await sync_all(town)
    await town.say("I want to talk to a person")
    await sync_all(town)
    await town.restart()
    await sync_all(town)
    assert names(airtable.rows("Tickets")[0]) == ["image.jpg"]
    await send(town, "document", filename="new.pdf")
    await sync_all(town)
    assert names(airtable.rows("Tickets")[0]) == ["image.jpg", "new.pdf"]
    assert names(contact(airtable)) == ["old.pdf", "image.jpg", "new.pdf"]


async def test_after_its_days_it_is_gone_here_and_there(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("I want to talk to a person")
    await send(town)
    await sync_all(town)
    await town.wait(MONTH)
    await purge(town.database, timedelta(days=7))
    assert await kept(town) == (0, 0)
    await sync_all(town)
    assert names(contact(airtable)) == []
    assert names(airtable.rows("Tickets")[0]) == []


async def test_a_newer_file_keeps_the_older_ones_in_sight(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("hi")
    await send(town)
    await sync_all(town)
    await town.wait(MONTH / 2)
    await send(town, "document", filename="new.pdf")
    await sync_all(town)
    await town.wait(MONTH / 2)
    await sync_all(town)
    assert await kept(town) == (1, 2)
    assert names(contact(airtable)) == ["image.jpg", "new.pdf"]


async def test_delete_my_data_and_an_erasure_take_it_away(
    town: BotHarness, airtable: AirtableDouble
) -> None:
    await town.say("I want to talk to a person")
    await send(town)
    await sync_all(town)
    await town.say("menú")
    await town.say("borrar mis datos")
    await town.tap("yes")
    assert await kept(town) == (0, 0)
    await sync_all(town)
    assert names(contact(airtable)) == []
    assert names(airtable.rows("Tickets")[0]) == []
    await send(town)
    await sync_all(town)
    assert names(contact(airtable)) == ["image.jpg"]
    await erase(town, airtable, ANA)

    def count(connection: Connection, _now: float) -> int:
        return int(connection.scalar(select(func.count()).select_from(kept_files.kept_file)) or 0)

    assert await town.database.submit(Transaction(count)) == 0


async def test_the_oldest_files_in_chats_make_room_and_half_is_left_to_answers(
    tmp_path: Path, airtable: AirtableDouble
) -> None:
    town = BotHarness(tmp_path, airtable=airtable, keep_files_mb=1)
    await town.start()
    await town.say("hi")
    await send(town)
    await send(town, "document", filename="new.pdf")
    assert await kept(town) == (1, 2)
    await sync_all(town)
    assert names(contact(airtable)) == ["image.jpg", "new.pdf"]  # Airtable's own copies
    await town.stop()


async def test_a_file_that_nothing_makes_room_for_drops_nothing(
    tmp_path: Path, airtable: AirtableDouble
) -> None:
    town = BotHarness(tmp_path, airtable=airtable, keep_files_mb=1)
    await town.start()
    await town.say("hi")
    await send(town, "document", filename="small.pdf")
    media_id = town.account.files.keep(PICTURE * 2, "image/jpeg")
    await town.send({"type": "image", "image": {"id": media_id, "mime_type": "image/jpeg"}})
    await town.wait(1)
    await sync_all(town)
    assert names(contact(airtable)) == ["small.pdf"]
    assert contact(airtable)["Problem"] == f"Files: {FULL}."
    await town.stop()


@pytest.mark.parametrize("how", ["switched off", "blocked", "opted out", "in a form"])
async def test_what_operators_should_not_see_is_not_kept(
    tmp_path: Path, airtable: AirtableDouble, how: str
) -> None:
    days = 0 if how == "switched off" else 30
    town = BotHarness(tmp_path, airtable=airtable, keep_chat_files_days=days)
    await town.start()
    await town.say({"opted out": "STOP", "in a form": "register"}.get(how, "hi"))
    await sync_all(town)
    if how == "blocked":
        airtable.edit("Contacts", record(airtable), Status="Blocked")
        await sync_all(town)
    await send(town)
    assert await kept(town) == (0, 0)
    await town.stop()


async def test_without_operators_nothing_is_kept(tmp_path: Path) -> None:
    town = BotHarness(tmp_path)
    await town.start()
    await town.say("hi")
    await send(town)
    assert await kept(town) == (0, 0)
    await town.stop()

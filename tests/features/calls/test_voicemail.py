"""Messages that callers leave for the team."""

from collections.abc import AsyncIterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.fakes.bot import JOHN
from tests.features.calls.fake_engine import FakeEngine
from tests.features.calls.phone import CallTown

from features.calls.states import End
from storage.tables import kept_file_pieces, kept_files
from storage.tables.kept_file_pieces import piece
from utils.key_ring import KeyRing

pytestmark = pytest.mark.needs("handoff", "inbox", "kept_files")

CLOSED = {"call_hours": {"status": "ENABLED", "timezone_id": "UTC", "weekly_operating_hours": []}}
SOUND = b"OggS" + bytes(300_000)


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def town(tmp_path: Path, engine: FakeEngine) -> AsyncIterator[CallTown]:
    """A town whose team reads an inbox."""
    town = CallTown(tmp_path, engine, inbox_sign_in_token="t" * 32)
    await town.start()
    await town.say("hi", JOHN)
    yield town
    await town.feature.desk.drain(timedelta(0))
    await town.stop()


async def kept(town: CallTown, call: str) -> bytes:
    return await town.database.reader.run(
        lambda connection, _: kept_file_pieces.read(
            connection, town.bot.parts.shared(KeyRing), f"voicemail:{call}"
        )
    )


async def asked(town: CallTown) -> list[str]:
    """What the tickets of the caller say."""
    tickets = import_module("features.handoff.tickets")
    key = (await town.user(JOHN)).key
    return list(await town.database.reader.run(lambda c, _: tickets.of(c, key)))


async def test_closed_hours_take_a_message_that_the_team_hears_and_reads(
    town: CallTown, engine: FakeEngine
) -> None:
    town.feature.hours.learn(town.settings.wp_phone_id, CLOSED)
    engine.message = SOUND
    call = await town.call(JOHN)
    first, last = engine.said(call.id)
    assert "leave a message" in first
    assert "has your message" in last
    assert (await town.row(call)).reason is End.MESSAGE_LEFT
    assert not town.is_open(call)
    assert await kept(town, call.id) == SOUND
    assert await asked(town) == ["Call me"]
    thread_view = import_module("features.inbox.thread_view")
    file = await town.database.reader.run(lambda c, _: thread_view.media_of(c, call.id))
    assert file is not None
    assert file[:2] == (f"voicemail:{call.id}", "audio/ogg")


async def test_nothing_said_is_no_message(town: CallTown, engine: FakeEngine) -> None:
    town.feature.hours.learn(town.settings.wp_phone_id, CLOSED)
    call = await town.call(JOHN)
    assert (await town.row(call)).reason is End.CLOSED
    assert "Calls are closed" in town.replies(JOHN)[0]
    assert await asked(town) == []


async def test_who_asks_for_a_person_may_say_why(town: CallTown, engine: FakeEngine) -> None:
    engine.message = SOUND
    call = await town.call(JOHN)
    await town.press(call, "0", JOHN)
    assert "what it is about" in engine.said(call.id)[-2]
    assert await asked(town) == ["Call me"], "one ticket"
    assert (await town.row(call)).reason is End.COMPLETED


async def test_who_hangs_up_while_speaking_has_left_a_message(
    town: CallTown, engine: FakeEngine
) -> None:
    engine.message = None
    call = await town.call(JOHN)
    await town.press(call, "0", JOHN)
    assert await asked(town) == []
    engine.message = SOUND
    await town.hang_up(JOHN)
    assert await kept(town, call.id) == SOUND
    assert await asked(town) == ["Call me"]


async def test_who_hangs_up_without_a_word_is_still_answered(
    town: CallTown, engine: FakeEngine
) -> None:
    engine.message = None
    call = await town.call(JOHN)
    await town.press(call, "0", JOHN)
    engine.message = b""
    await town.hang_up(JOHN)
    assert len(await asked(town)) == 1


async def test_a_message_goes_with_the_person_and_after_a_month(
    town: CallTown, engine: FakeEngine
) -> None:
    engine.message = SOUND
    call = await town.call(JOHN)
    await town.press(call, "0", JOHN)
    found = await town.database.reader.run(
        lambda c, now: kept_files.find(c, f"voicemail:{call.id}", now)
    )
    assert found is not None
    assert found.forget_at is not None
    assert found.forget_at - found.asked_at == timedelta(days=30)
    await town.say("delete my data", JOHN)
    await town.tap("yes", JOHN)
    left = await town.database.reader.run(lambda c, _: c.scalars(select(piece.c.file_id)).all())
    assert left == []


async def test_no_message_where_nobody_is_reached_or_it_is_off(
    tmp_path: Path, engine: FakeEngine
) -> None:
    reached = {"inbox_sign_in_token": "t" * 32}
    without_keys = {**reached, "keep_files": "off", "files_keys": ""}
    for number, given in enumerate(({}, reached, without_keys)):
        folder = tmp_path / str(number)
        folder.mkdir()
        settings = given if given is without_keys else {**given, "call_message_seconds": 0}
        town = CallTown(folder, engine, **settings)
        await town.start()
        town.feature.hours.learn(town.settings.wp_phone_id, CLOSED)
        call = await town.call(JOHN)
        assert "closed right now" in engine.said(call.id)[0]
        assert "message" not in engine.said(call.id)[0]
        await town.stop()

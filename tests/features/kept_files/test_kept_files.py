"""Files in answers are kept by the bot, shown to operators, and go with their person."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest
from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection, func, select, update
from tests.fakes.bot import ANA, FILES_KEY, BotHarness
from tests.fakes.fork import add_flow
from tests.fakes.operators import erase, sync

from emulator.airtable.testing import AirtableDouble
from features.kept_files.feature import KeptFiles
from features.kept_files.file_export import file_name, show_files
from features.kept_files.jobs import FULL
from features.kept_files.key_commands import show_keys
from features.kept_files.settings import KeptFilesSettings
from flow_engine import Ask, Effect, Flow, Photo, Place, SaveRecord, Say
from storage.engine.group_commit import GroupCommit, Transaction
from storage.tables import kept_file_pieces, kept_files
from storage.tables.kept_file_pieces import PIECE_BYTES
from storage.tables.kept_files import KeptFile
from utils.commands import CommandError
from utils.key_ring import KeyRing, new_key

if TYPE_CHECKING:
    from services.setup import CommandSetup

PICTURE = b"\xff\xd8\xff" + bytes(range(256)) * 1200
TEXTS = """
[report]
done = "Thank you."
[report.photo]
ask = "Please send a photo."
invalid = "A photo, please."
[report.place]
ask = "Where is it?"
invalid = "The place, please."
"""


class Report(BaseModel):
    photo: Photo
    place: Place


def finish(report: Report) -> list[Effect]:
    return [SaveRecord("reports", report.model_dump(mode="json")), Say("report.done")]


REPORT = Flow(
    name="report",
    version=1,
    form=Report,
    triggers=("report",),
    steps=(Ask("photo"), Ask("place")),
    finish=finish,
)


def make_town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> BotHarness:
    add_flow(monkeypatch, tmp_path, REPORT, TEXTS)
    return BotHarness(tmp_path, **settings)


@pytest.fixture
async def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[BotHarness]:
    town = make_town(tmp_path, monkeypatch)
    await town.start()
    yield town
    await town.stop()


async def report(town: BotHarness, content: bytes = PICTURE) -> None:
    await town.say("report")
    media_id = town.account.files.keep(content, "image/jpeg")
    await town.send({"type": "image", "image": {"id": media_id, "mime_type": "image/jpeg"}})
    await town.send({"type": "location", "location": {"latitude": 4.6, "longitude": -74.1}})
    await town.wait(1)


async def kept(town: BotHarness) -> list[tuple[str | None, bytes]]:
    """Return (problem, content) of each file."""
    key = (await town.user()).key

    def find(connection: Connection, now: float) -> list[tuple[str | None, bytes]]:
        found = kept_files.of(connection, key, now)
        keys = town.bot.parts.shared(KeyRing)
        return [(one.problem, kept_file_pieces.read(connection, keys, one.id)) for one in found]

    return await town.database.submit(Transaction(find))


async def test_a_photo_in_an_answer_is_kept_though_meta_deletes_it(town: BotHarness) -> None:
    await report(town)
    assert await kept(town) == [(None, PICTURE)]


async def test_my_data_names_it_and_deleting_ones_data_deletes_it(town: BotHarness) -> None:
    await report(town)
    [told] = await town.say("mis datos")
    assert "*Archivos (1):* foto o grabación" in told
    assert "*Reports (15 de enero de 2027):* un archivo, 4.6, -74.1" in told
    await town.say("borrar mis datos")
    await town.tap("yes")
    assert await kept(town) == []

    def pieces(connection: Connection, _now: float) -> int:
        return int(connection.scalar(select(func.count()).select_from(kept_file_pieces.piece)) or 0)

    assert await town.database.submit(Transaction(pieces)) == 0


async def test_no_file_is_kept_without_encryption(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = make_town(tmp_path, monkeypatch, keep_files="off", files_keys="")
    await town.start()
    await report(town)
    assert await kept(town) == []
    await town.stop()
    with pytest.raises(ValidationError, match="files new-key"):
        KeptFilesSettings(KEEP_FILES="encrypted")


async def test_a_new_key_and_what_was_not_encrypted_are_seen_to_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    town = make_town(tmp_path, monkeypatch)
    await town.start()
    await report(town)
    await report(town)
    [first, _] = await file_ids(town)

    def store_plain(connection: Connection, _now: float) -> None:
        of = kept_file_pieces.piece.c
        for number in range(2):
            content = PICTURE[number * PIECE_BYTES : (number + 1) * PIECE_BYTES]
            is_it = (of.file_id == first, of.number == number)
            plain = update(kept_file_pieces.piece).where(*is_it)
            connection.execute(plain.values(key_id=None, content=content))

    await town.database.submit(Transaction(store_plain))
    assert await kept(town) == [(None, PICTURE)] * 2
    await town.stop()
    newest = new_key()
    town = make_town(tmp_path, monkeypatch, files_keys=f"{newest},{FILES_KEY}")
    await town.start()
    await town.bot.parts.feature(KeptFiles).encrypt_all()
    assert await show_keys(setup_of(town)) == 0
    told = capsys.readouterr().out
    assert "4 pieces  newest" in told
    assert "0 pieces  older" in told
    assert "not encrypted" not in told
    await town.stop()
    town = make_town(tmp_path, monkeypatch, files_keys=newest)
    await town.start()
    assert await kept(town) == [(None, PICTURE)] * 2
    await town.stop()


class WithoutFiles(httpx.AsyncBaseTransport):
    """Meta, which describes no file for a while."""

    def __init__(self, meta: httpx.AsyncBaseTransport) -> None:
        self._meta = meta

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            raise httpx.ConnectError("away", request=request)
        return await self._meta.handle_async_request(request)


async def test_a_file_that_meta_gives_out_late_is_kept_after_a_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = make_town(tmp_path, monkeypatch)
    meta, town.meta = town.meta, WithoutFiles(town.meta)
    await town.start()
    await report(town)
    assert await kept(town) == [(None, b"")]
    town.meta = meta
    await town.restart()
    await town.wait(60)
    assert await kept(town) == [(None, PICTURE)]
    await town.stop()


async def test_without_room_nothing_is_kept_and_operators_read_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, airtable: AirtableDouble
) -> None:
    town = make_town(tmp_path, monkeypatch, airtable=airtable, keep_files_mb=1)
    await town.start()
    await report(town, PICTURE * 2)
    await report(town, PICTURE * 2)
    assert [problem for problem, _ in await kept(town)] == [None, FULL]
    for _ in range(4):
        await sync(town)
    first, second = airtable.rows("Reports")
    assert "Problem" not in first
    assert second["Problem"] == f"Photo: {FULL}."
    await town.stop()


async def test_operators_get_the_photo_and_the_place_and_an_erasure_deletes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, airtable: AirtableDouble
) -> None:
    town = make_town(tmp_path, monkeypatch, airtable=airtable)
    await town.start()
    await report(town)
    for _ in range(3):
        await sync(town)
    [row] = airtable.rows("Reports")
    [shown] = row["Photo"]
    assert (shown["type"], shown["size"]) == ("image/jpeg", len(PICTURE))
    assert row["Place"] == "https://www.google.com/maps?q=4.6,-74.1"
    assert "Problem" not in row
    for _ in range(2):
        await sync(town)
    assert len(airtable.rows("Reports")[0]["Photo"]) == 1
    await erase(town, airtable, ANA)
    assert airtable.rows("Reports") == []

    def count(connection: Connection, _now: float) -> int:
        return int(connection.scalar(select(func.count()).select_from(kept_file_pieces.piece)) or 0)

    assert await town.database.submit(Transaction(count)) == 0
    await town.stop()


def setup_of(town: BotHarness) -> "CommandSetup":
    class Setup:
        settings_of = town.settings.of

        @asynccontextmanager
        async def open_database(self) -> AsyncIterator[GroupCommit]:
            yield town.database

    return cast("CommandSetup", Setup())


async def file_ids(town: BotHarness) -> list[str]:
    """Return the ids of the files of Ana, the oldest first."""
    key = (await town.user()).key
    found = await town.database.submit(Transaction(lambda c, now: kept_files.of(c, key, now)))
    return [one.id for one in found]


async def test_files_are_copied_out_of_the_database(town: BotHarness, tmp_path: Path) -> None:
    await report(town)
    assert await show_files(setup_of(town), tmp_path / "copies") == 0
    [copy] = (tmp_path / "copies").iterdir()
    assert copy.read_bytes() == PICTURE
    assert copy.name.endswith("-image.jpg")
    assert copy.parent.stat().st_mode & 0o077 == 0
    with pytest.raises(CommandError, match="cannot be written"):
        await show_files(setup_of(town), copy)


@pytest.mark.parametrize(
    "given", ["../../etc/passwd", ".hidden", "a/b\\c.pdf", "", "x" * 300, "王" * 400]
)
def test_a_copy_stays_in_its_folder_whatever_the_person_named_it(given: str) -> None:
    at = datetime(2026, 11, 21, tzinfo=UTC)
    file = KeptFile("9", "ana", "document", "application/pdf", given, at, 1, at, None, None)
    name = file_name(file)
    assert Path(name).name == name
    assert not name.startswith(".")
    assert len(name.encode()) < 150

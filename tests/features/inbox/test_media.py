"""Files of conversations: from Meta or the bot's own copy, in parts, within a budget of memory."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.features.inbox.town import Town

from app.runtime.retention import purge
from features.inbox.media import Part, part_of
from storage.tables.kept_file_pieces import PIECE_BYTES
from utils.key_ring import KeyRing

CONTENT = bytes(range(256)) * (PIECE_BYTES // 256 + 2)


@pytest.mark.needs("kept_files")
@pytest.mark.parametrize("kept_mb", [0, 64])
async def test_a_player_reads_a_part_and_nothing_stays_in_memory(
    tmp_path: Path, kept_mb: int
) -> None:
    town = Town(tmp_path, keep_files_mb=kept_mb)
    await town.start()
    await town.sign_in()
    media_id = town.account.files.keep(CONTENT, "video/mp4")
    await town.say("I want to talk to a person")
    await town.send({"type": "video", "video": {"id": media_id, "mime_type": "video/mp4"}})
    shown = (await town.thread())["messages"]
    [video] = [one["id"] for one in shown if one["kind"] == "video"]
    whole = await town.call("GET", "/api/media", params={"id": video})
    assert (whole.status_code, whole.content) == (200, CONTENT)
    first, last = PIECE_BYTES - 3, PIECE_BYTES + 4
    headers = {"Range": f"bytes={first}-{last}"}
    part = await town.call("GET", "/api/media", params={"id": video}, headers=headers)
    assert (part.status_code, part.content) == (206, CONTENT[first : last + 1])
    assert part.headers["content-range"] == f"bytes {first}-{last}/{len(CONTENT)}"
    assert town.state.by_name()["inbox"].media.memory.used == 0
    await town.stop()


@pytest.mark.needs("kept_files")
async def test_a_photo_is_shown_after_meta_has_deleted_it_for_as_long_as_its_message(
    tmp_path: Path,
) -> None:
    town = Town(tmp_path)
    await town.start()
    await town.sign_in()
    media_id = town.account.files.keep(CONTENT, "image/jpeg")
    await town.send({"type": "image", "image": {"id": media_id, "mime_type": "image/jpeg"}})
    await town.wait(1)
    town.account.files.delete(media_id)
    [photo] = [one["id"] for one in (await town.thread())["messages"] if one["kind"] == "image"]
    await town.wait(timedelta(days=89).total_seconds())
    await purge(town.database, timedelta(days=8))
    await town.sign_in()
    shown = await town.call("GET", "/api/media", params={"id": photo})
    assert (shown.status_code, shown.content) == (200, CONTENT)
    town.bot.parts.shared(KeyRing).use([])
    unreadable = await town.call("GET", "/api/media", params={"id": photo})
    assert unreadable.status_code == 404
    await town.wait(timedelta(days=2).total_seconds())
    await purge(town.database, timedelta(days=8))
    assert [one["last_text"] for one in await town.threads()] == [None]
    assert (await town.thread())["messages"] == []
    await town.stop()


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        ("", Part(0, 9, is_whole=True)),
        ("bytes=0-", Part(0, 9)),
        ("bytes=2-4", Part(2, 4)),
        ("bytes=8-99", Part(8, 9)),
        ("bytes=-3", Part(7, 9)),
        ("bytes=10-", Part(0, 9, is_whole=True)),
        ("bytes=5-2", Part(0, 9, is_whole=True)),
        ("bytes=-", Part(0, 9, is_whole=True)),
        ("bytes=0-1,4-5", Part(0, 9, is_whole=True)),
        ("lines=1-2", Part(0, 9, is_whole=True)),
    ],
)
def test_which_part_is_wanted(wanted: str, part: Part) -> None:
    assert part_of(wanted, 10) == part

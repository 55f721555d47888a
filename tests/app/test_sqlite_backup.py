"""A copy of a file takes its place once it is whole and usable, or nothing is changed."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url
from tests.fakes.disk_faults import as_nobody, damage_table, no_room_for
from tests.fakes.tables import change, store, stored

from app.cli.backup import backup, restore, restore_from, save
from storage.engine.database import DatabaseError, open_engine

HALF_A_FILE = 100_000  # bytes; even an empty database has twice as many


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the bot's file is, and anybody may write."""
    place = Path(tempfile.mkdtemp())
    place.chmod(0o777)
    monkeypatch.chdir(place)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{place / 'bot.db'}")
    yield place
    shutil.rmtree(place)


@pytest.fixture
def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'bot.db'}"


def names(folder: Path) -> set[str]:
    return {one.name for one in folder.iterdir()}


async def test_a_copy_is_one_file(folder: Path, url: str) -> None:
    await store(url, "one")
    save(make_url(url), folder / "copies" / "monday")
    assert names(folder / "copies") == {"monday"}
    restore_from(make_url(url), folder / "copies" / "monday")
    assert names(folder / "copies") == {"monday"}
    assert stored(url) == {"one"}


async def test_a_copy_that_finds_no_room_changes_nothing(
    folder: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await store(url, "old")
    assert backup("copy") == 0
    await store(url, "new")
    with no_room_for(HALF_A_FILE):
        assert restore("copy") == 1
        assert backup("another") == 1
    own = {"bot.db", "bot.db-wal", "bot.db-shm", "bot.db.lock"}
    assert names(folder) - own == {"copy"}
    assert stored(url) == {"old", "new"}
    to_restore, to_save = capsys.readouterr().err.splitlines()
    assert to_restore.startswith(f"copy cannot be copied to {folder}/bot.db.unfinished: the disk")
    assert to_restore.endswith("Nothing was changed.")
    assert to_save.startswith(f"{folder}/bot.db cannot be copied to another.unfinished: the disk")


async def test_no_start_makes_an_empty_file_in_the_middle_of_a_restore(
    folder: Path, url: str
) -> None:
    await store(url, "before")
    save(make_url(url), folder / "copy")
    await store(url, "after")
    shutil.copy(folder / "copy", folder / "bot.db.unfinished")
    with closing(sqlite3.connect(folder / "bot.db")) as busy:
        busy.execute("DELETE FROM job")
        busy.commit()
        # as a process that is killed leaves it: the log is not moved aside yet
        (folder / "bot.db").rename(folder / "bot.db.aside")
        shutil.copy(folder / "bot.db-wal", folder / "log")
    (folder / "log").rename(folder / "bot.db-wal")
    with pytest.raises(DatabaseError, match="a restore was interrupted"):
        open_engine(url)
    assert not (folder / "bot.db").exists()
    with pytest.raises(DatabaseError, match="was not finished"):
        restore_from(make_url(url), folder / "bot.db.unfinished")
    restore_from(make_url(url), folder / "copy")
    assert stored(url) == {"before"}


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])  # of copies now, and before
async def test_a_copy_is_restored_from_a_medium_that_may_only_be_read(
    folder: Path, url: str, mode: str
) -> None:
    await store(url, "before")
    medium = folder / "medium"
    save(make_url(url), medium / "monday")
    with closing(sqlite3.connect(medium / "monday")) as copy:
        copy.execute(f"PRAGMA journal_mode={mode}")
    (medium / "monday").chmod(0o444)
    medium.chmod(0o555)
    (folder / "bot.db").unlink()
    with as_nobody():
        restore_from(make_url(url), medium / "monday")
        assert stored(url) == {"before"}
    assert names(medium) == {"monday"}


async def test_a_copy_that_may_not_be_read_is_not_taken_for_something_else(
    folder: Path, url: str
) -> None:
    await store(url, "kept")
    save(make_url(url), folder / "copy")
    with as_nobody(), pytest.raises(DatabaseError, match="may not be opened") as caught:
        restore_from(make_url(url), folder / "copy")
    assert str(caught.value).endswith("Nothing was changed.")


async def test_a_damaged_copy_is_refused(folder: Path, url: str) -> None:
    await store(url, "kept")
    save(make_url(url), folder / "copy")
    damage_table(folder / "copy", "job")
    with pytest.raises(DatabaseError, match=r"the file is damaged.* Nothing was changed\.$"):
        restore_from(make_url(url), folder / "copy")
    assert stored(url) == {"kept"}


UNUSABLE = {
    "has no table": [
        "UPDATE alembic_version SET version_num = 'ae1027a6acf'",
        "DROP TABLE users",
    ],
    "SQLite tells of": ["UPDATE alembic_version SET version_num = '0003'"],
}


@pytest.mark.parametrize("reason", UNUSABLE)
async def test_a_copy_whose_tables_cannot_be_brought_up_to_date_changes_nothing(
    folder: Path, url: str, reason: str
) -> None:
    await store(url, "before")
    save(make_url(url), folder / "copy")
    change(f"sqlite:///{folder / 'copy'}", *UNUSABLE[reason])
    await store(url, "after")
    with pytest.raises(DatabaseError, match=rf"{reason}.* Nothing was changed\.$"):
        restore_from(make_url(url), folder / "copy")
    assert stored(url) == {"before", "after"}
    assert not [name for name in names(folder) if name.startswith("bot.db.unfinished")]

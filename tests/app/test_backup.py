"""A copy is taken while the bot works, and put back when all else is lost."""

import asyncio
import sqlite3
import stat
import sys
from pathlib import Path

import pytest
from sqlalchemy import make_url
from tests.fakes.tables import make_newer, store, stored

from app.cli import commands as cli
from app.cli.backup import backup, restore, restore_from, save
from app.composition.database import only_process
from jobs.tables import job
from storage.engine.database import DatabaseError, open_engine


@pytest.mark.usefixtures("programs_of_postgres")
async def test_what_was_saved_is_there_again(database_url: str, tmp_path: Path) -> None:
    await store(database_url, "before")
    copy = tmp_path / "copies" / "monday"
    save(make_url(database_url), copy)
    await store(database_url, "after")
    told = restore_from(make_url(database_url), copy)
    assert stored(database_url) == {"before"}
    assert "1 jobs were waiting in it" in told


@pytest.mark.usefixtures("programs_of_postgres")
async def test_the_version_before_restores_a_copy_of_newer_tables(
    database_url: str, tmp_path: Path
) -> None:
    await store(database_url, "before")
    make_newer(database_url)
    save(make_url(database_url), tmp_path / "copy")
    await store(database_url, "after")
    restore_from(make_url(database_url), tmp_path / "copy")
    assert stored(database_url) == {"before"}


@pytest.mark.usefixtures("programs_of_postgres")
async def test_a_copy_is_taken_while_the_bot_writes(database_url: str, tmp_path: Path) -> None:
    await store(database_url, "committed")
    engine = open_engine(database_url)
    with engine.connect() as connection:
        row = {"lane": "in:1:ana", "kind": "message", "body": "", "key": "not yet"}
        connection.execute(job.insert().values(**row, created_at=0))
        save(make_url(database_url), tmp_path / "copy")
        connection.rollback()
    engine.dispose()
    restore_from(make_url(database_url), tmp_path / "copy")
    assert stored(database_url) == {"committed"}


@pytest.mark.skipif(sys.platform == "win32", reason="has other permissions")
async def test_only_the_owner_may_read_a_copy(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.db'}"
    await store(url, "private")
    save(make_url(url), tmp_path / "copy")
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o600


async def test_what_was_there_before_is_kept(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.db'}"
    await store(url, "old")
    save(make_url(url), tmp_path / "copy")
    await store(url, "new")
    restore_from(make_url(url), tmp_path / "copy")
    [aside] = await asyncio.to_thread(lambda: list(tmp_path.glob("bot.db.2*[0-9]")))
    assert stored(f"sqlite:///{aside}") == {"old", "new"}


async def test_a_running_bot_is_not_pulled_away_from_under_itself(tmp_path: Path) -> None:
    url = make_url(f"sqlite:///{tmp_path / 'bot.db'}")
    await store(str(url), "old")
    save(url, tmp_path / "copy")
    with only_process(tmp_path / "bot.db"), pytest.raises(DatabaseError, match="in use"):
        restore_from(url, tmp_path / "copy")


async def test_what_is_no_copy_is_refused_and_nothing_is_lost(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.db'}"
    await store(url, "kept")
    (tmp_path / "letter").write_text("Dear bot, " * 1000)
    other = sqlite3.connect(tmp_path / "other")
    other.execute("CREATE TABLE recipes (name)")
    other.close()
    for file in ("letter", "other", "missing"):
        with pytest.raises(DatabaseError):
            restore_from(make_url(url), tmp_path / file)
    assert stored(url) == {"kept"}


async def test_an_older_copy_is_not_overwritten(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.db'}"
    await store(url, "one")
    save(make_url(url), tmp_path / "copy")
    with pytest.raises(DatabaseError, match="exists"):
        save(make_url(url), tmp_path / "copy")


async def test_the_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'bot.db'}")
    assert backup("copy") == 1
    await store(f"sqlite:///{tmp_path / 'bot.db'}", "one")
    assert backup("copy") == 0
    assert restore("copy") == 0
    with pytest.raises(SystemExit, match="2"):
        cli.main(["restore"])
    told = capsys.readouterr()
    assert "There is no database" in told.err
    assert "Restored from copy." in told.out
    assert "usage: watch.py restore FILE" in told.err

"""Files of data are their owner's alone, whatever the umask."""

import os
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from tests.fakes.bot import make_settings
from tests.fakes.leftovers import in_bytes

from app.cli import backup
from app.composition.process import running_bot
from emulator.airtable.bases import Bases
from storage.engine.database import empty_log_after, open_engine, read_only
from storage.engine.group_commit import GroupCommit, Transaction


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_all(file: Path) -> None:
    file.chmod(0o644)


def names(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


def modes(folder: Path) -> dict[str, str]:
    """Of the files in a folder that others may do something with."""
    found = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.rglob("*")}
    return {name: oct(mode) for name, mode in found.items() if mode & 0o077}


async def test_a_running_bot_has_no_file_that_others_may_read(tmp_path: Path) -> None:
    settings = make_settings(database_url=f"sqlite:///{tmp_path / 'bot.db'}")
    async with running_bot(settings):
        assert {"bot.db", "bot.db-wal", "bot.db-shm"} <= set(names(tmp_path))
        assert modes(tmp_path) == {}


async def test_files_of_an_older_version_are_closed_to_others(tmp_path: Path) -> None:
    settings = make_settings(database_url=f"sqlite:///{tmp_path / 'bot.db'}")
    async with running_bot(settings):
        for name in names(tmp_path):
            open_to_all(tmp_path / name)
        open_engine(settings.database_url).connect().close()
        assert set(modes(tmp_path)) <= {"bot.db.lock"}


async def test_backups_and_their_folder_and_what_a_restore_moves_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "bot.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{database}")
    async with running_bot(make_settings(database_url=f"sqlite:///{database}")):
        pass
    copy = tmp_path / "copies" / "monday"
    assert backup.backup(str(copy)) == 0
    open_to_all(database)
    assert backup.restore(str(copy)) == 0
    assert [name for name in names(tmp_path) if name.startswith("bot.db.2")]
    assert modes(tmp_path) == {}


def test_the_emulated_airtable(tmp_path: Path) -> None:
    bases = Bases(lambda: 0.0, tmp_path / "airtable.json")
    bases._changed = True
    bases.save()
    assert [file.name for file in tmp_path.iterdir()] == ["airtable.json"]
    assert modes(tmp_path) == {}


async def test_no_byte_of_what_was_deleted_stays_in_the_files(tmp_path: Path) -> None:
    database = GroupCommit(open_engine(f"sqlite:///{tmp_path / 'bot.db'}"))

    async def run(*statements: str, then_empty: bool = False) -> None:
        def do(connection: Connection, _now: float) -> None:
            for statement in statements:
                connection.execute(text(statement))
            if then_empty:
                empty_log_after(connection)

        await database.submit(Transaction(do))

    rows = ", ".join(["('velociraptor')"] * 500)
    await run("CREATE TABLE said (words)", f"INSERT INTO said VALUES {rows}")
    assert in_bytes(tmp_path, "velociraptor")
    await run("DELETE FROM said")
    assert in_bytes(tmp_path, "velociraptor")
    await run("CREATE TABLE other (words)", then_empty=True)
    assert in_bytes(tmp_path, "velociraptor") == set()
    on = await database.submit(Transaction(lambda c, _: c.scalar(text("PRAGMA secure_delete"))))
    assert on == 1
    await database.close()


async def test_a_log_that_is_being_read_is_emptied_the_next_time(tmp_path: Path) -> None:
    file = tmp_path / "bot.db"
    database = GroupCommit(open_engine(f"sqlite:///{file}", lock_seconds=0.05))

    async def run(statement: str) -> None:
        def do(connection: Connection, _now: float) -> None:
            connection.execute(text(statement))
            empty_log_after(connection)

        await database.submit(Transaction(do))

    await run("CREATE TABLE said (words)")
    await run("INSERT INTO said VALUES ('velociraptor')")
    with closing(read_only(file)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT * FROM said").fetchall() == [("velociraptor",)]
        await run("DELETE FROM said")
    await run("INSERT INTO said VALUES ('nothing')")
    assert in_bytes(tmp_path, "velociraptor") == set()
    await database.close()

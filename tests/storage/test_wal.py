"""The log of SQLite, and the names of its file: one bot, and no disk that fills up unseen."""

import asyncio
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import make_url
from tests.fakes.bot import BotHarness
from tests.fakes.captured_log import captured_log

from app.composition.database import only_process
from app.runtime.retention import watch_wal
from storage.engine import wal
from storage.engine.database import DatabaseError, open_engine
from storage.engine.wal import WARN_WAL_BYTES, wal_bytes


def test_a_symbolic_link_leads_to_the_same_lock(tmp_path: Path) -> None:
    file, link = tmp_path / "data" / "bot.db", tmp_path / "bot.db"
    file.parent.mkdir()
    file.touch()
    link.symlink_to(file)
    with only_process(file), pytest.raises(DatabaseError, match="in use"), only_process(link):
        pass
    with only_process(link), pytest.raises(DatabaseError, match="in use"), only_process(file):
        pass


def test_a_link_in_the_path_leads_to_the_same_lock(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "other").symlink_to(tmp_path / "real")
    new, same = tmp_path / "real" / "bot.db", tmp_path / "other" / "bot.db"
    with only_process(new), pytest.raises(DatabaseError, match="in use"), only_process(same):
        pass


def test_a_file_with_two_names_is_not_used(tmp_path: Path) -> None:
    file, other = tmp_path / "bot.db", tmp_path / "same.db"
    file.touch()
    other.hardlink_to(file)
    for name in (file, other):
        with pytest.raises(DatabaseError, match="more than one name"), only_process(name):
            pass


def test_a_log_that_a_reader_made_grow_is_cut_once_it_has_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 100_000
    monkeypatch.setattr("storage.engine.database.PRAGMAS", (f"journal_size_limit={most}",))
    file = tmp_path / "bot.db"
    engine = open_engine(f"sqlite:///{file}")
    with engine.connect() as connection:

        def write(times: int) -> None:
            for _ in range(times):
                with connection.begin():
                    connection.exec_driver_sql("INSERT INTO notes VALUES (zeroblob(50000))")

        with connection.begin():
            connection.exec_driver_sql("CREATE TABLE notes (text)")
        with closing(sqlite3.connect(file, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM notes").fetchone()
            write(100)
            assert wal_bytes(engine.url) > 5_000_000
        write(2)
        assert wal_bytes(engine.url) <= most
    engine.dispose()


def test_pragmas_bound_the_log(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'bot.db'}")
    with engine.connect() as connection:
        limit = connection.exec_driver_sql("PRAGMA journal_size_limit").scalar()
    engine.dispose()
    assert limit == wal.MAX_IDLE_WAL_BYTES


def test_other_databases_have_no_such_log() -> None:
    assert wal_bytes(make_url("postgresql+psycopg://bot@db/bot")) == 0
    assert wal_bytes(make_url("sqlite://")) == 0


async def test_a_log_that_grows_is_told_once_and_again_after_it_was_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.runtime.retention.WAL_SECONDS", 0)
    sizes = [0, *[WARN_WAL_BYTES + 1] * 6, 0, 0, *[WARN_WAL_BYTES + 1] * 4]
    place = -1

    def size() -> int:
        return sizes[max(place, 0)]

    with captured_log() as lines:
        watching = asyncio.create_task(watch_wal(size))
        for place in range(len(sizes)):  # noqa: B007 - read by `size`
            await asyncio.sleep(0)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    assert lines.getvalue().count("the log of SQLite") == 2


async def test_health_and_metrics_tell_the_size(town: BotHarness) -> None:
    await town.say("hola")
    size = wal_bytes(town.database.url)
    assert size > 0
    _, checks = await town.state.health.readiness()
    assert checks["wal_megabytes"] == size // 1_000_000
    shown = (await town.state.health.metrics()).splitlines()
    assert f"bot_wal_bytes {float(wal_bytes(town.database.url))}".encode() in shown

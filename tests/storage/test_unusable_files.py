"""An SQLite file that cannot be used ends the start with a sentence, which says what to do."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert
from tests.fakes.bot import make_settings
from tests.fakes.dev_server import SECRETS, SOURCE
from tests.fakes.disk_faults import Disk, any_disk, as_nobody, damage_header, damage_table

from app.cli import job_actions, maintenance
from app.composition.database import usable_engine
from app.composition.process import running_bot
from config.env import Settings
from jobs.tables import lane
from storage.engine import group_commit
from storage.engine.database import DatabaseError

RESTORE = (
    "bot.db: the file is damaged. Restore a backup with `python3 watch.py restore FILE`, "
    "or move the file away to begin anew."
)
NOT_WRITABLE = (
    "bot.db: the file may not be opened or written. "
    "Check who owns it and its folder, and whether the disk is mounted read-only."
)
FULL = "bot.db: the disk is full. Make room."


@pytest.fixture
def file() -> Iterator[Path]:
    """Of a bot that was killed at work, in a folder that everybody can reach."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    file = folder / "bot.db"
    held = {"pool": "in", "owner": "the dead process", "ready_at": 1e9}
    busy = [{"name": f"in:1:{n}", **held} for n in range(500)]
    with usable_engine(settings_of(file)) as engine, engine.begin() as connection:
        connection.execute(insert(lane), busy)
    yield file
    shutil.rmtree(folder)


def settings_of(file: Path) -> Settings:
    return make_settings(database_url=f"sqlite:///{file}", role="all")


def start(file: Path) -> str:
    """What a start says that fails."""
    with pytest.raises(DatabaseError) as caught, usable_engine(settings_of(file)):
        pass
    return str(caught.value)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "header": damage_header,
    "a table": lambda file: damage_table(file, "job"),
    "an index": lambda file: damage_table(file, "ix_lane_ready"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_not_used(file: Path, damage: Callable[[Path], None]) -> None:
    damage(file)
    assert start(file) == RESTORE


def test_a_file_of_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "bot.db"
    file.write_text("Dear diary, " * 1000)
    assert start(file) == RESTORE
    assert file.read_text() == "Dear diary, " * 1000


@pytest.mark.parametrize("ours", [[], ["bot.db.lock"], ["bot.db.lock", "bot.db"]], ids=str)
def test_a_file_or_a_folder_that_we_may_only_read(file: Path, ours: list[str]) -> None:
    for name in ours:
        (file.parent / name).chmod(0o666)
    with as_nobody():
        assert start(file) == NOT_WRITABLE


def test_a_full_disk_has_no_room_for_a_new_file(tmp_path: Path) -> None:
    with any_disk() as disk:
        disk.become(Disk(pages=1))
        assert start(tmp_path / "bot.db") == FULL


async def test_a_full_disk_has_no_room_to_take_up_work_again(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "FIRST_RETRY_SECONDS", 0.001)
    with any_disk() as disk:
        disk.become(Disk(pages=1))
        with pytest.raises(DatabaseError) as caught:
            async with running_bot(settings_of(file)):
                pass
    assert str(caught.value) == FULL


COMMANDS: dict[str, Callable[[], int]] = {
    "migrate": maintenance.migrate,
    "jobs list": lambda: job_actions.list_jobs(
        ["dead"], pool=None, kind=None, person=None, limit=9
    ),
    "jobs show": lambda: job_actions.show_job(1, with_body=False),
    "jobs retry": lambda: job_actions.retry([]),
    "jobs discard": lambda: job_actions.discard([1]),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_command_ends_with_the_sentence(
    file: Path, command: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    damage_header(file)
    monkeypatch.chdir(file.parent)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{file}")
    with pytest.raises(SystemExit) as caught:
        command()
    assert caught.value.code == RESTORE


@pytest.mark.parametrize("module", ["app.web", "app.worker"])
def test_a_process_ends_with_the_sentence_and_no_traceback(file: Path, module: str) -> None:
    damage_header(file)
    ended = subprocess.run(
        [sys.executable, "-m", module],
        env={
            **os.environ,
            **SECRETS,
            "PYTHONPATH": str(SOURCE),
            "WP_PHONE_ID": "1",
            "DATABASE_URL": f"sqlite:///{file}",
        },
        cwd=file.parent,
        capture_output=True,
        text=True,
    )
    assert ended.returncode != 0
    assert RESTORE in ended.stderr
    assert "Traceback" not in ended.stderr

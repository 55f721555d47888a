"""A disk that is full, read-only or damaged: Meta is told to come again, and nothing is lost."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection, event
from tests.fakes.captured_log import captured_log
from tests.fakes.disk_faults import Disk, any_disk, damage_table, nothing_is_flushed
from tests.fakes.web import Web, running_web, text_message, webhook
from tests.webhook.test_overload import Web as Door
from tests.webhook.test_overload import body

from controllers import health_controller
from storage.engine import group_commit
from storage.engine.database import open_engine
from storage.engine.group_commit import GroupCommit
from storage.engine.migrate import upgrade

#: longer than what is free in the pages that a file has
WORDS = "what Ana wrote " * 10_000
MESSAGE = webhook(text_message("wamid.1", WORDS), text_message("wamid.2"))

FAULTS = [
    pytest.param(Disk(pages=1), "the disk is full", id="full"),
    pytest.param(Disk(is_read_only=True), "the file may not be opened or written", id="read-only"),
]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "FIRST_RETRY_SECONDS", 0.001)


@pytest.fixture
def disk() -> Iterator[Disk]:
    with any_disk() as disk:
        yield disk


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with captured_log() as log:
        yield log


@pytest.fixture
async def web(tmp_path: Path, disk: Disk, log: io.StringIO) -> AsyncIterator[Web]:
    async with running_web(tmp_path) as web:
        yield web


def assert_refused(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


@pytest.mark.parametrize(("fault", "told"), FAULTS)
async def test_what_cannot_be_written_is_refused_until_it_can(
    web: Web, disk: Disk, log: io.StringIO, fault: Disk, told: str
) -> None:
    disk.become(fault)
    assert_refused(await web.post(MESSAGE))
    assert web.stored() == []
    assert f"could not be stored: {told}; Meta will redeliver it" in log.getvalue()
    disk.become(Disk())
    assert (await web.post(MESSAGE)).status_code == 200
    assert [stored["message"]["id"] for stored in web.stored()] == ["wamid.1", "wamid.2"]
    assert "Ana" not in log.getvalue()
    assert "573001234567" not in log.getvalue()


@pytest.mark.parametrize(("fault", "told"), FAULTS)
async def test_what_was_stored_before_is_still_there(
    web: Web, disk: Disk, fault: Disk, told: str
) -> None:
    await web.post(webhook(text_message("wamid.0")))
    disk.become(fault)
    await web.post(MESSAGE)
    assert [stored["message"]["id"] for stored in web.stored()] == ["wamid.0"]
    disk.become(Disk())  # or its end waits for the work that it cannot store


async def test_what_the_disk_does_not_confirm_is_not_acknowledged(
    web: Web, log: io.StringIO
) -> None:
    await web.post(webhook(text_message("wamid.0")))
    with nothing_is_flushed():
        assert_refused(await web.post(MESSAGE))
        assert_refused(await web.post(webhook(text_message("wamid.3"))))
    assert [stored["message"]["id"] for stored in web.stored()] == ["wamid.0"]
    assert "could not be stored" in log.getvalue()
    assert (await web.post(MESSAGE)).status_code == 200
    stored = [stored["message"]["id"] for stored in web.stored()]
    assert stored == ["wamid.0", "wamid.1", "wamid.2"]
    assert web.is_sound()


async def test_monitors_are_answered_while_the_database_is_away(web: Web, disk: Disk) -> None:
    disk.become(Disk(is_read_only=True))
    await web.post(MESSAGE)
    ready = await web.client.get("/health/ready")
    assert (ready.status_code, ready.json()["checks"]) == (503, {"database": "unreachable"})
    assert (await web.client.get("/health/live")).status_code == 200
    shown = (await web.client.get("/metrics")).text
    assert 'bot_webhooks_total{result="not_stored"} 1.0' in shown
    assert "bot_lag_seconds NaN" in shown


async def test_monitors_are_answered_while_the_database_hangs(
    web: Web, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health_controller, "ANSWER_TIMEOUT", timedelta(seconds=0.01))
    monkeypatch.setattr(group_commit, "FIRST_RETRY_SECONDS", 0.1)  # so long it tries again
    disk.become(Disk(is_read_only=True))
    posting = asyncio.create_task(web.post(MESSAGE))
    await asyncio.sleep(0)
    assert (await web.client.get("/health/ready")).status_code == 503
    assert "bot_lag_seconds NaN" in (await web.client.get("/metrics")).text
    assert not posting.done()
    disk.become(Disk())
    assert (await posting).status_code == 200


async def test_damage_in_the_middle_is_told_at_once_to_all_who_wait(
    tmp_path: Path, log: io.StringIO
) -> None:
    file = tmp_path / "bot.db"
    engine = open_engine(f"sqlite:///{file}")
    upgrade(engine)
    engine.dispose()
    damage_table(file, "job")
    begun: list[Connection] = []
    event.listen(engine, "begin", begun.append)
    database = GroupCommit(engine)
    door = Door(database)
    answers = await asyncio.gather(*(door.post(body(number)) for number in range(50)))
    assert {status for status, _ in answers} == {503}
    assert "could not be stored: the file is damaged" in log.getvalue()
    assert len(begun) <= 3 * group_commit.MAX_ATTEMPTS, "each one was tried alone"
    await database.close()

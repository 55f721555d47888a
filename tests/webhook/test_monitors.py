"""Monitors see everything, the world a status; neither holds a webhook up."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError
from tests.fakes.dev_server import free_port
from tests.fakes.web import running_web

from controllers.health_controller import Backlog, HealthController, Look
from storage.engine.group_commit import GroupCommit, Probe
from utils.metrics import Metrics
from utils.monitor_access import MonitorAccess
from utils.shared_answer import SharedAnswer

PROXIED = {"X-Forwarded-For": "203.0.113.7"}


@pytest.fixture
def begun() -> Iterator[list[object]]:
    """Transactions of all databases."""
    seen: list[object] = []

    def note(connection: object) -> None:
        seen.append(connection)

    event.listen(Engine, "begin", note)
    yield seen
    event.remove(Engine, "begin", note)


@pytest.mark.parametrize(
    ("address", "is_near"),
    [
        *(("127.0.0.1", True), ("10.1.2.3", True), ("172.18.0.4", True), ("::1", True)),
        *(("fd00::7", True), ("::ffff:192.168.0.9", True), ("8.8.8.8", False)),
        *(("2606:4700::1", False), ("::ffff:8.8.8.8", False), ("", False), ("unix:x", False)),
    ],
)
def test_without_a_token_machines_of_the_network_are_monitors(address: str, is_near: bool) -> None:
    assert MonitorAccess(None).allows(address, {}) is is_near
    assert not MonitorAccess(None).allows(address, {"x-forwarded-for": "10.0.0.1"})


@pytest.mark.parametrize("given", ["Bearer secret", "Bearer secre", "secret", "\udcff", None])
def test_with_a_token_whoever_has_it_is_a_monitor(given: str | None) -> None:
    headers = {} if given is None else {"authorization": given}
    for address in ("127.0.0.1", "8.8.8.8"):
        assert MonitorAccess("secret").allows(address, headers) is (given == "Bearer secret")


async def test_the_world_gets_a_status_and_nothing_else(tmp_path: Path) -> None:
    async with running_web(tmp_path) as web:
        for path in ("/health/ready", "/api/v1/whatsapp/health"):
            answer = await web.client.get(path, headers=PROXIED)
            assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
            assert "checks" in (await web.client.get(path)).json()
        refused = await web.client.get("/metrics", headers=PROXIED)
        assert (refused.status_code, "bot_" in refused.text) == (403, False)
        assert "bot_lag_seconds" in (await web.client.get("/metrics")).text


async def test_prometheus_comes_from_anywhere_with_the_token(tmp_path: Path) -> None:
    async with running_web(tmp_path, metrics_token="let-me-in") as web:
        with_token = {"Authorization": "Bearer let-me-in", **PROXIED}
        assert (await web.client.get("/metrics", headers=with_token)).status_code == 200
        assert (await web.client.get("/metrics")).status_code == 403


def test_the_metrics_of_a_worker_are_for_monitors_alone() -> None:
    port = free_port()
    Metrics().serve("127.0.0.1", port, MonitorAccess("let-me-in"))
    url = f"http://127.0.0.1:{port}/metrics"
    assert httpx.get(url).status_code == 403
    assert "bot_jobs" in httpx.get(url, headers={"Authorization": "Bearer let-me-in"}).text


async def test_a_flood_of_questions_is_one_question_to_the_database(
    tmp_path: Path, begun: list[object]
) -> None:
    async with running_web(tmp_path, role="all") as web:
        await web.client.get("/health/ready")
        asked = [web.client.get(path) for path in ("/health/ready", "/metrics") * 100]
        before = len(begun)
        assert before > 0
        answers = await asyncio.gather(*asked)
        assert {answer.status_code for answer in answers} == {200}
        assert len(begun) - before < 50


async def test_a_question_that_takes_long_holds_no_webhook_up(database: GroupCommit) -> None:
    counting = threading.Event()
    slow = asyncio.create_task(database.reader.run(lambda *_: counting.wait(30)))
    await asyncio.sleep(0)
    await asyncio.wait_for(database.submit(Probe()), 10)
    assert not slow.done()
    counting.set()
    assert await slow


async def test_questions_cannot_write(database: GroupCommit) -> None:
    with pytest.raises(DBAPIError):
        await database.reader.run(lambda connection, _: connection.execute(text("DELETE FROM job")))


@pytest.mark.parametrize("runs_jobs", [True, False])
async def test_a_web_is_ready_however_far_behind_the_workers_are(runs_jobs: bool) -> None:
    async def look() -> Look:
        return Look(
            Backlog(
                todo=9,
                dead=0,
                lag=timedelta(hours=1),
                unserved=0,
                unreadable=0,
                durability="one file",
            ),
            True,
            {},
        )

    health = HealthController(look, Metrics(), lambda: 0, runs_jobs=runs_jobs)
    is_ready, checks = await health.readiness()
    assert is_ready is not runs_jobs
    assert checks["lag_seconds"] == 3600


async def test_an_answer_that_took_long_is_kept_for_longer() -> None:
    now, asked = 0.0, 0

    async def ask() -> int:
        nonlocal now, asked
        now, asked = now + 3, asked + 1
        return asked

    answer = SharedAnswer(ask, seconds=1, clock=lambda: now)
    assert set(await asyncio.gather(answer.get(), answer.get())) == {1}
    now = 32
    assert await answer.get() == 1
    now = 33
    assert await answer.get() == 2


async def test_an_error_is_kept_as_short_as_any_answer() -> None:
    now, works = 0.0, False

    async def ask() -> str:
        if not works:
            raise OSError("away")
        return "it works"

    answer = SharedAnswer(ask, seconds=1, clock=lambda: now)
    for _ in range(2):
        with pytest.raises(OSError, match="away"):
            await answer.get()
    now, works = 1.0, True
    assert await answer.get() == "it works"

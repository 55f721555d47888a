"""More than the machine can take: refused gently, and over as soon as the cause is."""

import asyncio
import json
import threading
from collections.abc import Iterable
from typing import Any

import pytest
from tests.fakes.web import NUMBER, SECRET, sign, text_message, webhook

from controllers import webhook_controller
from controllers.webhook_controller import WebhookController
from jobs import job_queue as inbox
from jobs.job_queue import JobQueue
from routes import bodies
from routes.webhook_middleware import WebhookMiddleware
from storage.engine.group_commit import GroupCommit, Transaction
from storage.people.identities import Identities
from utils.metrics import Metrics

Events = Iterable[dict[str, Any]]
#: status and headers; (0, {}) without one
Answer = tuple[int, dict[bytes, bytes]]


class Web:
    """The webhook's door, called as a server calls it."""

    def __init__(self, database: GroupCommit) -> None:
        self.metrics = Metrics()
        controller = WebhookController(
            JobQueue(database),
            Identities(database),
            phone_number_id=NUMBER,
            verify_token="v",
            app_secret=SECRET,
            metrics=self.metrics,
        )
        self._state = {"webhooks": controller, "metrics": self.metrics}
        self._door = WebhookMiddleware(self._nobody)

    async def post(self, raw: bytes, events: Events | None = None) -> Answer:
        arriving = asyncio.Queue[dict[str, Any]]()
        for event in events or [{"type": "http.request", "body": raw}]:
            arriving.put_nowait(event)
        sent: list[dict[str, Any]] = []
        headers = [(b"x-hub-signature-256", sign(raw).encode())]
        scope = {"type": "http", "method": "POST", "path": "/webhook", "headers": headers}

        async def send(message: Any) -> None:
            sent.append(message)

        await self._door({**scope, "state": self._state}, arriving.get, send)
        return (sent[0]["status"], dict(sent[0]["headers"])) if sent else (0, {})

    async def _nobody(self, scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("the door should have answered")


@pytest.fixture
def web(database: GroupCommit) -> Web:
    return Web(database)


def body(number: int = 1) -> bytes:
    return json.dumps(webhook(text_message(f"wamid.{number}"))).encode()


async def test_a_database_that_hangs_is_refused_to_meta_until_it_goes_on(
    web: Web, database: GroupCommit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "MAX_BEHIND_SECONDS", 0.0)
    disk = threading.Event()
    hanging = asyncio.create_task(database.submit(Transaction(lambda *_: disk.wait())))
    await asyncio.sleep(0)
    status, headers = await web.post(body())
    assert (status, headers[b"retry-after"]) == (503, b"5")
    disk.set()
    await hanging
    assert (await web.post(body()))[0] == 200


async def test_bodies_that_would_fill_the_memory_are_refused(
    web: Web, database: GroupCommit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_controller, "MAX_STORING_BYTES", int(len(body()) * 1.5))
    disk = threading.Event()
    hanging = asyncio.create_task(database.submit(Transaction(lambda *_: disk.wait())))
    first = asyncio.create_task(web.post(body(1)))
    for _ in range(10):
        await asyncio.sleep(0)
    assert (await web.post(body(2)))[0] == 503
    disk.set()
    assert (await first)[0] == 200
    assert (await web.post(body(2)))[0] == 200
    await hanging


async def test_large_bodies_that_never_end_leave_room_for_small_ones(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "SMALL_BODY_BYTES", 1_000)
    monkeypatch.setattr(bodies, "MAX_READING_BYTES", 7_000)
    part = {"type": "http.request", "body": b"x" * 3_000, "more_body": True}
    endless = asyncio.create_task(web.post(b"", [part]))
    for _ in range(10):
        await asyncio.sleep(0)
    assert (await web.post(b"", [part, {**part, "more_body": False}]))[0] == 503
    halves = [body()[:100], body()[100:]]
    events = [{"type": "http.request", "body": half, "more_body": True} for half in halves]
    assert (await web.post(body(), [*events, {"type": "http.request"}]))[0] == 200
    endless.cancel()
    await asyncio.gather(endless, return_exceptions=True)
    assert (await web.post(b"", [part, {**part, "more_body": False}]))[0] == 403


async def test_what_nobody_thought_of_is_answered_503(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(_: object) -> None:
        raise LookupError("such a thing should not be")

    monkeypatch.setattr(webhook_controller, "sort_webhook", break_down)
    assert (await web.post(body()))[0] == 503


async def test_who_hangs_up_in_the_middle_is_forgotten(web: Web) -> None:
    dribble = [{"type": "http.request", "body": b"{", "more_body": True}]
    assert await web.post(body(), [*dribble, {"type": "http.disconnect"}]) == (0, {})
    assert (await web.post(body()))[0] == 200

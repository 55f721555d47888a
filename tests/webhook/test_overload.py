"""More than the machine can take: refused gently, and over as soon as the cause is."""

import asyncio
import json
import threading
from collections.abc import Iterable
from typing import Any

import pytest
from tests.fakes.web import NUMBER, SECRET, sign, text_message, webhook

from controllers import load, webhook_controller, webhook_store
from controllers.load import MAX_ACK_SECONDS, REFUSE_AFTER_SECONDS, Load
from controllers.webhook_controller import WebhookController
from controllers.webhook_store import WebhookStore
from jobs import job_queue as inbox
from jobs.job_queue import JobQueue, Overloaded
from jobs.maintenance import count_jobs
from jobs.model import JobState
from routes import bodies
from routes.webhook_middleware import WebhookMiddleware
from services.sending.numbers import Number, Numbers
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
            WebhookStore(
                JobQueue(database),
                Identities(database),
                numbers=Numbers(Number(NUMBER)),
                metrics=self.metrics,
            ),
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

    monkeypatch.setattr(webhook_store, "sort_webhook", break_down)
    assert (await web.post(body()))[0] == 503


async def test_who_hangs_up_in_the_middle_is_forgotten(web: Web) -> None:
    dribble = [{"type": "http.request", "body": b"{", "more_body": True}]
    assert await web.post(body(), [*dribble, {"type": "http.disconnect"}]) == (0, {})
    assert (await web.post(body()))[0] == 200


class Hand:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hand() -> Hand:
    return Hand()


def is_full(loaded: Load) -> bool:
    try:
        loaded.ensure_capacity()
    except Overloaded:
        return True
    return False


async def test_new_requests_are_refused_while_one_has_waited_for_long(hand: Hand) -> None:
    loaded = Load(hand)
    async with loaded.admitted(hand.now):
        hand.now += REFUSE_AFTER_SECONDS
        assert not is_full(loaded)
        hand.now += 0.1
        assert is_full(loaded)
    assert not is_full(loaded)


def test_new_requests_are_refused_while_the_event_loop_is_late(hand: Hand) -> None:
    loaded = Load(hand)
    loaded.beat(late=load.MAX_LOOP_LAG_SECONDS + 1, following=0.1)
    assert not is_full(loaded), "one long turn is no overload"
    loaded.beat(late=load.MAX_LOOP_LAG_SECONDS + 1, following=0.1)
    assert is_full(loaded)
    loaded.beat(late=0, following=0.1)
    assert not is_full(loaded)
    hand.now += load.MAX_LOOP_LAG_SECONDS + 0.2  # and the next beat has not come
    assert is_full(loaded)


async def test_an_acknowledgement_that_comes_too_late_is_none(hand: Hand) -> None:
    loaded = Load(hand)
    loaded.beat(late=1, following=10)
    async with loaded.admitted(hand.now - 1):
        hand.now += MAX_ACK_SECONDS - 2.1
    with pytest.raises(Overloaded):
        async with loaded.admitted(hand.now - 1):
            hand.now += MAX_ACK_SECONDS - 1.9


async def test_requests_are_admitted_in_order_and_refused_when_their_turn_comes_late(
    hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "FIRST_ROOM", 1)
    monkeypatch.setattr(load, "MIN_ROOM", 1)
    loaded, order = Load(hand), list[str]()

    async def take(name: str, seconds: float) -> None:
        async with loaded.admitted(None):
            order.append(name)
            await asyncio.sleep(0)
            hand.now += seconds

    names = {"a": 2.0, "b": 1.5, "c": 0.0}
    tasks = {name: asyncio.create_task(take(name, seconds)) for name, seconds in names.items()}
    gone = asyncio.create_task(take("gone", 0))
    await asyncio.sleep(0)
    gone.cancel()
    ended = await asyncio.gather(*tasks.values(), return_exceptions=True)
    assert [type(one) for one in ended] == [type(None), type(None), Overloaded]
    assert order == ["a", "b"]
    await take("later", 0)
    assert order[-1] == "later"


async def test_fewer_are_admitted_at_a_time_while_they_take_long(hand: Hand) -> None:
    loaded = Load(hand)

    async def admitted_at_once() -> int:
        gate, inside = asyncio.Event(), list[int]()

        async def take(number: int) -> None:
            async with loaded.admitted(None):
                inside.append(number)
                await gate.wait()

        tasks = [asyncio.create_task(take(number)) for number in range(2 * load.MAX_ROOM)]
        await asyncio.sleep(0)
        count = len(inside)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return count

    async def one(seconds: float) -> None:
        async with loaded.admitted(None):
            hand.now += seconds

    assert await admitted_at_once() == load.FIRST_ROOM
    for _ in range(50):
        await one(load.SLOW_SECONDS + 0.1)
    assert await admitted_at_once() == load.MIN_ROOM
    for _ in range(load.MAX_ROOM):
        await one(0)
    assert await admitted_at_once() == load.MAX_ROOM


async def test_a_commit_that_takes_too_long_is_answered_503_and_known_afterwards(
    web: Web, database: GroupCommit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "MAX_ACK_SECONDS", 0.2)
    disk = threading.Event()
    hanging = asyncio.create_task(database.submit(Transaction(lambda *_: disk.wait())))
    await asyncio.sleep(0)
    status, headers = await web.post(body())
    assert (status, headers[b"retry-after"]) == (503, b"5")
    monkeypatch.setattr(load, "MAX_ACK_SECONDS", 10)
    disk.set()
    await hanging
    assert (await web.post(body()))[0] == 200
    count = Transaction(lambda c, _: count_jobs(c, JobState.TODO))
    assert await database.submit(count) == 1


async def test_small_bodies_that_never_end_are_bounded_too(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "SMALL_BODY_BYTES", 1_000)
    monkeypatch.setattr(bodies, "MAX_READING_BYTES", 3_000)
    monkeypatch.setattr(bodies, "MAX_UNREAD_BYTES", 5_000)
    part = {"type": "http.request", "body": b"x" * 900, "more_body": True}
    endless = [asyncio.create_task(web.post(b"", [part])) for _ in range(5)]
    for _ in range(10):
        await asyncio.sleep(0)
    assert (await web.post(b"", [part, {**part, "more_body": False}]))[0] == 503
    assert (await web.post(body()))[0] == 200, "what arrives in one piece needs no room"
    endless.pop().cancel()
    for _ in range(10):
        await asyncio.sleep(0)
    assert (await web.post(b"", [{**part, "body": b"x" * 500}, {"type": "http.request"}]))[0] == 403
    for task in endless:
        task.cancel()
    await asyncio.gather(*endless, return_exceptions=True)

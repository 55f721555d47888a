"""Other systems are told what happens: signed, in order, until they take it."""

import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from tests.fakes.bot import ANA, BotHarness

from domain.domain_event import DomainEvent
from emulator.airtable.testing import AirtableDouble
from emulator.loopback import LoopbackServer
from features.callbacks import endpoints
from features.callbacks.event_types import TYPES
from features.callbacks.feature import Callbacks
from features.callbacks.tables import Endpoint, callback_event
from jobs.model import NewJob
from storage.engine.group_commit import Transaction
from storage.people.erasure import forget

PAGE = Path(__file__).parents[3] / "docs" / "callbacks.md"
SECRET_ANSWER = "a text of the receiver that nobody is to see"


@dataclass
class Receiver:
    """A system that is told; `answers` are the statuses of its next answers, then 200."""

    answers: list[int] = field(default_factory=list)
    #: (headers, body) of each callback that arrived
    arrived: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def receive(self, request: Request) -> Response:
        self.arrived.append((dict(request.headers), await request.body()))
        status = self.answers.pop(0) if self.answers else 200
        headers = {"Location": "http://127.0.0.1:1/"} if status == 302 else {}
        return PlainTextResponse(SECRET_ANSWER, status, headers)

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/hook", self.receive, methods=["POST"])])

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.arrived]


class Office(BotHarness):
    """A bot with a receiver of callbacks."""

    receiver: Receiver
    url: str

    @property
    def callbacks(self) -> Callbacks:
        return self.bot.parts.feature(Callbacks)

    async def register(self, *types: str, is_private: bool = False) -> Endpoint:
        """Register the receiver, as `watch.py callbacks add` does."""
        chosen, now, url = types or ("*",), self.clock(), self.url
        made = await self.database.submit(
            Transaction(lambda c, _: endpoints.add(c, url, chosen, now, is_private=is_private))
        )
        await self.callbacks.listener.refresh()
        return made

    async def happens(self, number: int, subject: str = "s", user_key: str | None = None) -> None:
        """Let something happen in a commit of its own."""
        event = DomainEvent(
            "template.status",
            f"e{number}",
            self.clock(),
            subject,
            {"number": number},
            {"word": "private"},
            user_key,
        )
        heard = self.bot.parts.context.extensions.happened(event)
        await self.bot.parts.queue.enqueue(heard.jobs, heard.writes)

    async def look(self, endpoint: Endpoint) -> Endpoint:
        found = await self.database.submit(Transaction(lambda c, _: endpoints.find(c, endpoint.id)))
        assert found is not None
        return found


@asynccontextmanager
async def opened(folder: Path, **settings: Any) -> AsyncIterator[Office]:
    receiver = Receiver()
    server = LoopbackServer(receiver.app)
    await server.start()
    office = Office(folder, callbacks_to_private_addresses=True, **settings)
    office.receiver, office.url = receiver, f"{server.url}/hook"
    await office.start()
    yield office
    await office.callbacks.poster.close()
    await office.stop()
    await server.stop()


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(tmp_path) as office:
        yield office


def documented() -> dict[str, set[str]]:
    """The fields of each type, as the page shows them."""
    blocks = re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)
    examples = [json.loads(block) for block in blocks]
    return {one["type"]: set(one["data"]) for one in examples}


def shown(event: dict[str, Any]) -> set[str]:
    """The fields of an event without private ones, as the page writes them."""
    known = documented()[event["type"].replace("answered", "opened").replace("closed", "opened")]
    return {name for name in known if not name.startswith("◆")}


def test_the_page_describes_every_type() -> None:
    text = PAGE.read_text()
    assert [one for one in TYPES if one not in text] == []
    assert documented().keys() <= set(TYPES)


async def test_a_message_is_told_with_ids_only_unless_more_is_asked_for(office: Office) -> None:
    await office.register("message.received")
    await office.say("hello")
    [event] = office.receiver.events
    assert event["type"] == "message.received"
    assert set(event["data"]) == shown(event)
    assert "hello" not in str(event)
    assert ANA not in str(event)
    await office.register("message.received", is_private=True)
    await office.say("good morning")
    private = [one for one in office.receiver.events if "text" in one["data"]]
    [event] = private
    assert {one.removeprefix("◆") for one in documented()["message.received"]} == set(event["data"])
    assert (event["data"]["text"], event["data"]["phone"]) == ("good morning", f"+{ANA}")


async def test_a_callback_is_signed_and_two_secrets_sign_while_one_is_rotated(
    office: Office,
) -> None:
    endpoint = await office.register()
    office.clock.now = time.time()  # the library compares times with its own clock
    await office.happens(1)
    await office.settle()
    headers, body = office.receiver.arrived[-1]
    assert Webhook(endpoint.secret).verify(body, headers) == json.loads(body)
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint.secret).verify(body + b" ", headers)
    now = office.clock()
    new = await office.database.submit(
        Transaction(lambda c, _: endpoints.rotate(c, endpoint.id, now))
    )
    await office.happens(2)
    await office.settle()
    headers, body = office.receiver.arrived[-1]
    for secret in (endpoint.secret, new):
        Webhook(str(secret)).verify(body, headers)
    later = (await office.look(endpoint)).secrets_at(now + timedelta(hours=25))
    assert later == [new]


async def test_a_receiver_that_is_away_gets_all_in_order_and_nothing_twice(office: Office) -> None:
    await office.register()
    office.receiver.answers = [500] * 4 + [302, 503]
    for number in range(3):
        await office.happens(number)
    await office.happens(9, subject="another")
    for _ in range(20):
        await office.wait(3600)
    taken = [one["data"]["number"] for one in office.receiver.events]
    last = {one["data"]["number"]: place for place, one in enumerate(office.receiver.events)}
    assert last[0] < last[1] < last[2]
    assert len(taken) == 4 + 6
    ids = [(headers["webhook-id"], body) for headers, body in office.receiver.arrived]
    assert len({one for one, _ in ids}) == 4
    assert len(set(ids)) == 4


async def test_what_fails_for_a_day_is_a_dead_letter_that_tells_nothing_of_the_answer(
    office: Office,
) -> None:
    await office.register()
    office.receiver.answers = [500] * 20
    await office.happens(1)
    hours = 0
    while (await office.state.health.readiness())[1]["dead_letters"] == 0:
        await office.wait(3600)
        hours += 1
        assert hours < 40
    assert len(office.receiver.arrived) == 12
    assert hours > 18
    errors = await office.database.submit(
        Transaction(lambda c, _: c.exec_driver_sql("SELECT error FROM job").all())
    )
    assert SECRET_ANSWER not in str(errors)
    assert "answered 500" in str(errors)


async def test_an_endpoint_that_fails_too_often_is_paused_until_it_is_resumed(
    office: Office,
) -> None:
    told: list[str] = []

    def tell(text: str, key: str) -> list[NewJob]:
        told.append(text)
        return []

    office.bot.parts.context.extensions.alerts.append(tell)
    endpoint = await office.register()
    office.receiver.answers = [500] * 51
    for number in range(51):
        await office.happens(number, subject=str(number))
    await office.settle()
    assert (await office.look(endpoint)).state == "paused"
    assert len(told) == 1
    assert f"callbacks resume {endpoint.id}" in told[0]
    assert (await office.state.health.readiness())[1]["callbacks"] == "1 paused, 0 failing"
    await office.wait(3600)
    assert len(office.receiver.arrived) == 51
    await office.database.submit(Transaction(lambda c, _: endpoints.resume(c, endpoint.id)))
    await office.wait(3600)
    assert len(office.receiver.arrived) == 102
    assert (await office.look(endpoint)).failures == 0


async def test_gone_turns_an_endpoint_off(office: Office) -> None:
    endpoint = await office.register()
    office.receiver.answers = [410]
    await office.happens(1)
    await office.settle()
    assert (await office.look(endpoint)).state == "off"
    await office.happens(2)
    await office.callbacks.listener.refresh()
    assert not office.bot.parts.context.extensions.wants("template.status")
    await office.wait(3600)
    assert len(office.receiver.arrived) == 1


async def test_what_waits_is_erased_with_its_person(office: Office) -> None:
    await office.register("message.received", is_private=True)
    office.receiver.answers = [500]
    await office.say("my secret")
    person = await office.user()
    now = office.clock().timestamp()
    await office.database.submit(Transaction(lambda c, _: forget(c, person, now)))
    rows = await office.database.reader.run(lambda c, _: c.execute(select(callback_event)).all())
    assert rows == []
    await office.wait(7200)
    assert len(office.receiver.arrived) == 1


async def test_without_endpoints_nothing_is_stored(office: Office) -> None:
    await office.say("hello")
    rows = await office.database.reader.run(lambda c, _: c.execute(select(callback_event)).all())
    assert rows == []


@pytest.mark.needs("handoff", "airtable")
async def test_handoffs_are_told(tmp_path: Path, airtable: AirtableDouble) -> None:
    async with opened(tmp_path, airtable=airtable) as office:
        await office.register("handoff.opened", "handoff.closed", is_private=True)
        await office.say("hello")
        await office.say("person")
        await office.say("menu")
        told = {one["type"]: one["data"] for one in office.receiver.events}
        assert told["handoff.opened"]["status"] == "Needs human"
        assert told["handoff.closed"]["status"] == "Bot"
        keys = {one.removeprefix("◆") for one in documented()["handoff.opened"]}
        assert [set(data) for data in told.values()] == [keys, keys]

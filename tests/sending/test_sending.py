"""What happens when Meta refuses, slows down, is away, or answers nothing."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from tests.fakes.bot import ANA, BotHarness

from emulator.cloud_api.config import Config
from emulator.cloud_api.state.chaos import Chaos
from jobs.inspection import retry_dead_letters
from jobs.retry import PATIENT
from storage.engine.group_commit import Transaction
from storage.tables.deliveries import delivery

Answer = Callable[[httpx.Request], httpx.Response]


class Flaky(httpx.AsyncBaseTransport):
    """Lets requests through to the emulator, but for those that a test answers itself."""

    def __init__(self, through: httpx.AsyncBaseTransport) -> None:
        self._through = through
        self.answers: list[Answer | None] = []
        #: after the emulator took a message, its answer is lost
        self.loses_answers = 0
        #: its answer never comes, and `hung` is set
        self.hangs = False
        self.hung = asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        is_message = b'"type"' in request.content and b'"status": "read"' not in request.content
        if is_message and self.answers and (answer := self.answers.pop(0)):
            return answer(request)
        response = await self._through.handle_async_request(request)
        if is_message and self.hangs:
            self.hung.set()
            await asyncio.Event().wait()
        if is_message and self.loses_answers:
            self.loses_answers -= 1
            raise httpx.ReadTimeout("no answer", request=request)
        return response


def refusal(code: int, status: int = 400) -> Answer:
    error = {"error": {"code": code, "message": f"(#{code}) No"}}
    return lambda request: httpx.Response(status, content=json.dumps(error).encode())


def refused_connection(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[BotHarness]:
    town = BotHarness(tmp_path)
    await town.start()
    town.meta = Flaky(town.meta)
    await town.restart()
    yield town
    await town.stop()


async def deliveries_of(town: BotHarness) -> list[Any]:
    query = select(delivery.c.status, delivery.c.error_code)
    return await town.database.submit(
        Transaction(lambda connection, _: [tuple(row) for row in connection.execute(query)])
    )


async def test_a_refusal_is_final_and_kept_with_its_code(town: BotHarness) -> None:
    flaky(town).answers = [refusal(131026)]
    assert await town.say("hola") == []
    assert await deliveries_of(town) == [("failed", 131026)]
    assert await town.wait(3600) == []
    assert len(await town.say("hola")) == 1


@pytest.mark.parametrize("hiccups", [0, 1])
async def test_what_was_given_up_can_be_sent_after_all(town: BotHarness, hiccups: int) -> None:
    flaky(town).answers = [refused_connection] * PATIENT.tries
    await town.say("hola")
    for _ in range(PATIENT.tries):
        await town.wait(900)
    assert await deliveries_of(town) == [("failed", None)]
    flaky(town).answers = [refused_connection] * hiccups
    assert await town.database.submit(Transaction(retry_dead_letters)) == 1
    assert len(await town.wait(1) + await town.wait(60)) == 1
    assert await deliveries_of(town) == [("read", None)]


@pytest.mark.parametrize(("code", "status"), [(190, 401), (131031, 403), (131045, 500)])
async def test_what_an_account_may_not_send_waits_until_that_is_mended(
    town: BotHarness, code: int, status: int
) -> None:
    flaky(town).answers = [refusal(code, status)]
    assert await town.say("hola") == []
    assert await deliveries_of(town) == [("failed", code)]
    assert await town.wait(3600) == []
    assert await town.database.submit(Transaction(retry_dead_letters)) == 1
    assert len(await town.wait(1)) == 1
    assert await deliveries_of(town) == [("read", None)]


async def test_a_message_that_a_status_proves_is_not_sent_again_after_a_crash(
    town: BotHarness,
) -> None:
    """Meta took it, and the process died before it could say so."""
    town.account.say(town.person(ANA), {"type": "text", "text": {"body": "hola"}})
    await town.account.webhooks.idle()
    *others, sender = town.workers.values()
    for worker in others:
        await worker.run_until_idle()
    flaky(town).hangs = True
    dying = asyncio.create_task(sender.run_until_idle())
    await flaky(town).hung.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    await town.account.webhooks.idle()
    flaky(town).hangs = False
    town.clock.advance(town.settings.lease * 2)
    await town.settle()
    assert len(town.replies()) == 1


async def test_a_server_that_is_away_is_tried_again(town: BotHarness) -> None:
    flaky(town).answers = [refused_connection, refusal(131000, 500), None]
    assert await town.say("hola") == []
    assert await town.wait(10) == []
    assert len(await town.wait(60)) == 1
    assert await deliveries_of(town) == [("read", None)]


async def test_a_throttling_meta_is_given_time(town: BotHarness) -> None:
    flaky(town).answers = [refusal(130429, 429), None]
    assert await town.say("hola") == []
    assert len(await town.wait(10)) == 1


async def test_replies_stay_in_order_when_the_first_one_fails(town: BotHarness) -> None:
    await town.say("registrarme")
    flaky(town).answers = [refused_connection]
    assert await town.say("x") == []
    assert await town.say("Ana Gómez") == []
    invalid, question = await town.wait(10)
    assert "nombre y apellido" in invalid
    assert "¿Cuál es tu nombre completo?" in invalid
    assert "documento" in question


async def test_a_lost_answer_does_not_double_the_message(town: BotHarness) -> None:
    flaky(town).loses_answers = 1
    assert len(await town.say("hola")) == 1
    assert await town.wait(3600) == []
    assert await deliveries_of(town) == [("read", None)]


async def test_the_status_of_a_lost_answer_lets_the_next_message_go(town: BotHarness) -> None:
    """Without it, the person would wait for 20 seconds."""
    flaky(town).loses_answers = 1
    await town.say("registrarme")
    assert "documento" in (await town.say("Ana Gómez"))[-1]
    assert await town.wait(30) == []


async def test_after_the_last_attempt_the_delivery_says_so(town: BotHarness) -> None:
    flaky(town).answers = [refused_connection] * 100
    await town.say("hola")
    for _ in range(40):
        await town.wait(900)
    assert await deliveries_of(town) == [("failed", None)]


def flaky(town: BotHarness) -> Flaky:
    assert isinstance(town.meta, Flaky)
    return town.meta


async def test_a_bad_day_at_meta_costs_nobody_an_answer(tmp_path: Path) -> None:
    town = BotHarness(
        tmp_path, emulated=Config(messages_per_second=0), messages_per_second=1_000_000
    )
    await town.start()
    chaos = Chaos(
        seed=7, error_500=0.2, error_130429=0.2, error_131056=0.1, duplicate=0.3, reorder=0.3
    )
    town.account.fault_injector.set(chaos)
    people = [f"57300000{number:04}" for number in range(20)]
    for who in people:
        town.account.say(town.person(who), {"type": "text", "text": {"body": "hola"}})
    for _ in range(40):
        await town.wait(60)
    await town.stop()
    menu = "¡Hola! ¿Qué te gustaría hacer?"
    assert [town.replies(who) for who in people] == [[menu]] * len(people)

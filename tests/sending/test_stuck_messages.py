"""One message that Meta cannot take, and a Meta that is down: the first must silence nobody."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.fakes.bot import ANA, JOHN, BotHarness

from emulator.cloud_api.config import Config
from emulator.cloud_api.state.chaos import Chaos
from jobs.maintenance import count_jobs
from jobs.model import JobState
from storage.engine.group_commit import Transaction
from storage.tables.deliveries import delivery

QUESTION = "¿Cuál es tu nombre completo?"
MENU = "¡Hola! ¿Qué te gustaría hacer?"
SMALL_TALK = ("hola", "menu", "gracias", "buenos días", "ayuda")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[BotHarness]:
    town = BotHarness(tmp_path, emulated=Config(messages_per_second=0), messages_per_second=1000)
    await town.start()
    yield town
    await town.stop()


async def failed(town: BotHarness) -> list[Any]:
    query = select(delivery.c.error_code).where(delivery.c.status == "failed")
    return await town.database.submit(
        Transaction(lambda connection, _: [row[0] for row in connection.execute(query)])
    )


async def say_after_the_bad_one(town: BotHarness) -> None:
    """Ana is asked a question that Meta cannot take, and goes on writing."""
    town.account.fault_injector.set(Chaos(error_500_text=QUESTION))
    for text in ("registrarme", "cancelar", "hola", "STOP"):
        assert await town.say(text) == []


@pytest.mark.parametrize("others", [1, 2])
async def test_while_others_get_theirs_a_bad_message_is_given_up_in_a_minute(
    town: BotHarness, others: int
) -> None:
    await say_after_the_bad_one(town)
    heard: list[str] = []
    for turn in range(15):
        for who in (JOHN, "573009999999")[:others]:
            # in other words each time: who always says the same is taken for a machine
            assert len(await town.say(SMALL_TALK[turn % len(SMALL_TALK)], who)) == 1
        heard += await town.wait(5)
    assert MENU in heard
    assert "STOP" in heard[-1] or "START" in heard[-1] or "ALTA" in heard[-1]
    assert not any(QUESTION in each for each in heard)
    assert await failed(town) == [131000]
    count = Transaction(lambda connection, _: count_jobs(connection, JobState.DEAD))
    assert await town.database.submit(count) == 1


async def test_with_nobody_else_it_takes_two_minutes(town: BotHarness) -> None:
    await say_after_the_bad_one(town)
    heard = [text for _ in range(30) for text in await town.wait(5)]
    assert MENU in heard
    assert await failed(town) == [131000]


async def test_a_message_that_holds_up_nothing_is_tried_on(town: BotHarness) -> None:
    """Nobody else is written to, and nothing waits behind it."""
    town.account.fault_injector.set(Chaos(error_500_text=MENU))
    await town.say("hola")
    for _ in range(40):
        await town.wait(5)
    town.account.fault_injector.set(Chaos())
    assert await town.wait(900) == [MENU]


@pytest.mark.parametrize("people", [[ANA], [ANA, JOHN]])
async def test_while_meta_is_down_nothing_is_given_up(town: BotHarness, people: list[str]) -> None:
    town.account.fault_injector.set(Chaos(error_500=1))
    for text in ("hola", "menu", "hola"):
        for who in people:
            assert await town.say(text, who) == []
    for _ in range(60):
        assert await town.wait(20) == []
    town.account.fault_injector.set(Chaos())
    heard = [len(await town.wait(900)) + len(town.replies(who)) for who in people]
    assert all(count >= 3 for count in heard)
    assert await failed(town) == []


async def test_a_meta_that_fails_now_and_then_costs_nobody_an_answer(town: BotHarness) -> None:
    town.account.fault_injector.set(Chaos(seed=3, error_500=0.4))
    people = [f"57300000{number:04}" for number in range(30)]
    for who in people:
        town.account.say(town.person(who), {"type": "text", "text": {"body": "hola"}})
    for _ in range(60):
        await town.wait(5)
    assert await failed(town) == []


async def test_at_most_one_message_is_given_up_without_proof(town: BotHarness) -> None:
    """Meta takes read marks and no messages, and there is nobody to compare with."""
    town.account.fault_injector.set(Chaos(error_500_text='"type": "'))
    for text in ("hola", "menu", "hola", "menu"):
        await town.say(text)
    for _ in range(120):
        await town.wait(10)
    assert await failed(town) == [131000]

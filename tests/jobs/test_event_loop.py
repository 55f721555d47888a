"""Nothing blocks the event loop: one slow person or disk must not keep the others waiting."""

import asyncio
import gc
import logging
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from tests.fakes.bot import BotHarness
from tests.fakes.running_clock import RunningClock

from emulator.cloud_api.config import Config

LONGEST_SECONDS = 0.1
PEOPLE = 120
#: Another thread may hold Python's lock for a moment; what blocks does so every time.
ROUNDS = 4


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[BotHarness]:
    # The clock stands still: all of this happens in one second.
    unlimited = Config(messages_per_second=0)
    town = BotHarness(tmp_path, emulated=unlimited, messages_per_second=1_000_000)
    await town.start()
    gc.collect()
    gc.freeze()  # as the app does, and all that other tests left behind is more than an app has
    yield town
    gc.unfreeze()
    await town.stop()


async def talk(town: BotHarness, round_: int) -> list[str]:
    """Many people say something at once, and get their menu and a document; what was slow.

    The loop goes by a clock that stands still while others have the processor: a callback with a
    garbage collection of 25 ms takes 170 ms where six programs share two of them.
    """
    slow: list[str] = []

    class Watch(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            slow.append(record.getMessage())

    watch = Watch()
    loop = asyncio.get_running_loop()
    logger = logging.getLogger("asyncio")
    logger.addHandler(watch)
    loop.slow_callback_duration = LONGEST_SECONDS
    with RunningClock() as clock, pytest.MonkeyPatch.context() as patched:
        patched.setattr(loop, "time", clock)
        loop.set_debug(True)
        try:
            for person in range(PEOPLE):
                town.account.say(
                    town.person(f"57300{round_:03}{person:04}"),
                    {"type": "text", "text": {"body": "eventos" if person % 3 else "hola"}},
                )
                await asyncio.sleep(0)
            await town.settle()
        finally:
            loop.set_debug(False)
            logger.removeHandler(watch)
    return slow


async def test_no_callback_takes_long_under_load(town: BotHarness) -> None:
    rounds = []
    for number in range(ROUNDS):
        rounds.append(await talk(town, number))
        if not rounds[-1]:
            break
    assert not rounds[-1], rounds
    answered = [who for who in range(PEOPLE) if town.replies(f"57300000{who:04}")]
    assert len(answered) == PEOPLE


def compute(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


@pytest.mark.parametrize("block", [time.sleep, compute])
async def test_the_watch_sees_what_blocks(
    town: BotHarness, monkeypatch: pytest.MonkeyPatch, block: Callable[[float], None]
) -> None:
    receive = town.state.webhooks.receive

    async def receive_and_block(raw: bytes, signature: str | None) -> str:
        block(LONGEST_SECONDS * 1.5)  # what must not happen
        return await receive(raw, signature)

    monkeypatch.setattr("tests.jobs.test_event_loop.PEOPLE", 2)
    monkeypatch.setattr(town.state.webhooks, "receive", receive_and_block)
    assert await talk(town, 0)

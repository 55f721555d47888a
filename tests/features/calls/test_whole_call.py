"""Calls from a phone to the bot and back: webhook, engine, audio, keys, chat, and the end."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

pytest.importorskip("aiortc", reason="needs the extra calls: aiortc")

from tests.fakes.bot import JOHN
from tests.features.calls.engine.phone import PythonPhone, until
from tests.features.calls.phone import CallTown

from emulator.cloud_api.state.voice_call import VoiceCall
from features.calls.link import EngineProcess
from features.calls.states import End


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[CallTown]:
    """A bot with the real engine; its workers run all the time."""
    town = CallTown(tmp_path, calls_enabled=True)
    town.clock.now = time.time()
    await town.start()
    async with asyncio.timeout(60), town.feature.running():
        await until(lambda: engine_of(town).is_up, seconds=20)
        workers = [asyncio.create_task(worker.run()) for worker in town.workers.values()]
        yield town
        for worker in town.workers.values():
            await worker.stop(timedelta(0))
        await asyncio.gather(*workers)
    await town.stop()


def engine_of(town: CallTown) -> EngineProcess:
    engine = town.feature.desk.engine
    assert isinstance(engine, EngineProcess)
    return engine


async def dial(town: CallTown, phone: PythonPhone, who: str = JOHN) -> VoiceCall:
    """Somebody calls; returns once they hear the bot."""
    call: VoiceCall = town.account.calls.ring(town.person(who), await phone.dial())
    await until(lambda: call.answer is not None)
    await phone.connect(call.answer or "")
    assert not phone.frames or call.answered_at is not None, "nothing is sent before accept"
    await until(lambda: call.answered_at is not None)
    phone.talk()
    await until(lambda: phone.first_sound() is not None)
    return call


async def test_a_key_is_pressed_and_its_step_is_in_the_chat(town: CallTown) -> None:
    phone = PythonPhone()
    call = await dial(town, phone)
    phone.talk(keys="1")
    await until(lambda: bool(town.replies(JOHN)))
    phone.talk(keys="#")
    await until(lambda: not town.is_open(call), seconds=15)
    await until(lambda: not town.feature.desk.live)
    row = await town.row(call)
    assert row.reason is End.COMPLETED
    assert row.said_seconds
    assert row.chosen
    await phone.hang_up()


async def test_a_killed_engine_ends_its_calls_at_meta(town: CallTown) -> None:
    phone = PythonPhone()
    call = await dial(town, phone)
    process = engine_of(town)._process
    assert process is not None
    process.kill()
    await until(lambda: not town.is_open(call), seconds=1)
    await until(lambda: bool(town.replies(JOHN)))
    assert "broke off" in town.replies(JOHN)[0]
    await until(lambda: engine_of(town).is_up, seconds=20)
    await phone.hang_up()

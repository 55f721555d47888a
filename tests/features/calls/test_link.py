"""The engine as a child process: its orders and reports, and its end."""

import asyncio
import sys
from pathlib import Path

import pytest

from features.calls.engine_port import CallEvent, EngineGone
from features.calls.link import LATE_BEATS, EngineProcess
from features.calls.protocol import Answer, Beat, CallEnd, Configure, End, Ended, Offer

CHILD = Path(__file__).with_name("child_engine.py")


async def test_a_child_answers_dies_and_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WP_ACCESS_TOKEN", "secret")
    pauses: asyncio.Queue[float] = asyncio.Queue()
    started = asyncio.Event()

    async def sleep(seconds: float) -> None:
        pauses.put_nowait(seconds)
        await started.wait()

    engine = EngineProcess(Configure(), (sys.executable, str(CHILD)), sleep)
    events: asyncio.Queue[CallEvent] = asyncio.Queue()
    with pytest.raises(EngineGone):
        await engine.send(Offer(call="a", sdp="v=0", language="en"))
    async with asyncio.timeout(20), engine.running():
        await ready(engine)
        engine.route("a", events)
        await engine.send(Offer(call="a", sdp="v=0", language="en"))
        answer = await events.get()
        assert isinstance(answer, Answer)
        assert answer.sdp == "", "the child has no secret"
        await engine.send(End(call="a", reason="die"))
        assert await events.get() == Ended(call="a", end=CallEnd.FAILED)
        assert not engine.is_up
        assert await pauses.get() > 0
        started.set()
        await ready(engine)
        process = engine._process
        assert process is not None
    assert process.returncode == 0, "it ended by itself when its pipe was closed"
    assert not engine.is_up


async def test_a_child_is_told_of_other_settings() -> None:
    engine = EngineProcess(Configure(), (sys.executable, str(CHILD)))
    engine.configure(Configure(ice_servers=("stun:a.example",)))
    async with asyncio.timeout(20), engine.running():
        await engine.until_ready()
        assert engine.ready is not None
        assert engine.ready.version == "stun:a.example"
        engine.configure(Configure(ice_servers=("stun:b.example",)))
        while engine.ready.version != "stun:b.example":  # noqa: ASYNC110 - in another process
            await asyncio.sleep(0.01)
    engine.configure(Configure())


async def test_what_is_no_engine_is_tried_again() -> None:
    tried: list[float] = []
    enough = asyncio.Event()

    async def sleep(seconds: float) -> None:
        tried.append(seconds)
        if len(tried) == 3:
            enough.set()
            await asyncio.Event().wait()

    engine = EngineProcess(Configure(), ("/no/such/program",), sleep)
    async with engine.running():
        await enough.wait()
    assert tried == sorted(tried)
    assert tried[0] < tried[-1]


def test_late_packets_keep_new_calls_away() -> None:
    engine = EngineProcess(Configure())
    for _ in range(LATE_BEATS):
        engine._take(Beat(active=1, frames=100, late_frames=1))
    assert not engine.is_overloaded
    for _ in range(LATE_BEATS):
        engine._take(Beat(active=1, frames=100, late_frames=5))
    assert engine.is_overloaded
    engine._take(Beat(active=0, frames=10, late_frames=10))
    assert not engine.is_overloaded, "no call goes on"


async def ready(engine: EngineProcess) -> None:
    """Wait until the child can take calls."""
    while not engine.is_up:  # noqa: ASYNC110 - the child is another process
        await asyncio.sleep(0.01)

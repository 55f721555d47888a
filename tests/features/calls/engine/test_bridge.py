"""An operator joins a call: real connections on this machine, and real sound between the two."""

import asyncio
from typing import Any

import pytest

pytest.importorskip("aiortc", reason="needs the extra calls: aiortc")

from tests.features.calls.engine.engine_run import EngineRun
from tests.features.calls.engine.phone import PythonPhone, tone, until

from features.calls.engine.bridge import Relay
from features.calls.engine.mouth import Mouth
from features.calls.engine.opus import SILENCE, OpusEncoder, is_whole_frame
from features.calls.engine.playout import MAX_WAITING_PACKETS
from features.calls.leg_frames import Join, Leave, LegAnswer, LegEnded, LegUp
from features.calls.protocol import Accepted, CallEnd, End, Ended, Silent

CALLER, OPERATOR, BOT = 440.0, 880.0, 1_320.0
ALL = {CALLER, OPERATOR, BOT}


async def join(run: EngineRun, leg: str = "one") -> PythonPhone:
    """Let the browser of an operator join the call "a"."""
    operator = PythonPhone()
    run.phones.append(operator)
    await operator.dial()
    await run.engine.handle(Join(call="a", leg=leg, sdp=operator.offer))
    answer = await run.told(LegAnswer)
    await operator.connect(answer.sdp, as_browser=True)
    await run.told(LegUp)
    return operator


def hears_only(phone: PythonPhone, frequency: float) -> bool:
    return phone.hears(frequency, ALL - {frequency})


async def test_both_hear_each_other_and_nothing_is_decoded(
    run: EngineRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = await run.talk()
    operator = await join(run)
    call = run.engine._calls["a"]
    assert call._ear is not None

    class NoDecoder:
        def decode(self, payload: bytes) -> bytes:
            raise AssertionError("a packet was decoded")

    monkeypatch.setattr(call._ear, "decoder", NoDecoder())
    caller.talk(tone(CALLER, 3))
    operator.talk(tone(OPERATOR, 3))
    await until(lambda: hears_only(caller, OPERATOR) and hears_only(operator, CALLER))
    heard = run.engine._calls["a"].talk.mouth.speech_frames
    assert heard == 0, "an operator's words are no speech of the bot"


async def test_the_bot_hears_and_talks_again_once_the_operator_has_left(run: EngineRun) -> None:
    caller = await run.talk()
    operator = await join(run)
    operator.talk(tone(OPERATOR, 5))
    await until(lambda: hears_only(caller, OPERATOR))
    await run.engine.handle(Leave(call="a", leg="one"))
    assert (await run.told(LegEnded)).was_up
    await run.say(run.record(BOT))
    await until(lambda: hears_only(caller, BOT))
    caller.talk(tone(CALLER, 1))
    await until(lambda: run.engine._calls["a"]._heard_frames > 5)


async def test_an_operator_whose_browser_vanishes_leaves_the_call(run: EngineRun) -> None:
    await run.talk()
    operator = await join(run)
    operator.talk()
    operator.vanish()
    run.ahead += 6.5
    assert (await run.told(LegEnded)).was_up
    assert not run.of(Ended), "the caller is still there"


async def test_a_second_operator_is_refused_and_so_is_an_offer_that_is_none(run: EngineRun) -> None:
    await run.talk()
    await run.engine.handle(Join(call="a", leg="bad", sdp="v=0"))
    assert (await run.told(LegEnded)).leg == "bad"
    await join(run)
    other = PythonPhone()
    run.phones.append(other)
    await other.dial()
    await run.engine.handle(Join(call="a", leg="two", sdp=other.offer))
    await until(lambda: [one.leg for one in run.of(LegEnded)] == ["bad", "two"])
    assert run.engine._calls["a"].bridge.is_up


async def test_a_browser_that_never_connects_is_given_up(run: EngineRun) -> None:
    await run.talk()
    operator = PythonPhone()
    run.phones.append(operator)
    await operator.dial()
    await run.engine.handle(Join(call="a", leg="one", sdp=operator.offer))
    await run.told(LegAnswer)
    run.ahead += 8.5
    assert not (await run.told(LegEnded)).was_up


async def test_the_end_of_the_call_ends_the_operator_s_connection(run: EngineRun) -> None:
    await run.talk()
    operator = await join(run)
    await run.engine.handle(End(call="a"))
    assert (await run.told(Ended)).end is CallEnd.CLOSED
    assert (await run.told(LegEnded)).leg == "one"
    await until(lambda: operator._connection.connectionState == "closed")


async def test_an_operator_s_time_is_no_time_of_the_bot_and_no_silence(run: EngineRun) -> None:
    caller = await run.talk()
    operator = await join(run)
    for phone in (caller, operator):
        phone.talk()
    for _ in range(8):  # minutes in which neither side is missing
        run.ahead += 5
        await asyncio.sleep(0.05)
        run.engine.tick()
    call: Any = run.engine._calls["a"]
    assert run.of(Silent) == []
    assert call._times.joined >= 40
    call._timers.max_seconds = 30
    assert call.due_end() is None


def test_packets_of_other_lengths_are_made_anew() -> None:
    mouth = Mouth(lambda: 0.0, lambda: None)
    relay = Relay(mouth)
    whole = [one for one in OpusEncoder().encode(tone(CALLER, 0.2)) if len(one) < 252]
    for one, other in zip(whole[::2], whole[1::2], strict=False):
        length = bytes([len(one) - 1])
        relay.take(bytes([one[0] | 2]) + length + one[1:] + other[1:])  # two frames of 20 ms
    made = [mouth.passed.take() for _ in range(MAX_WAITING_PACKETS)]
    assert all(one is not None and one != SILENCE and is_whole_frame(one) for one in made)


async def test_nothing_passes_before_the_call_is_accepted(run: EngineRun) -> None:
    caller = await run.connect()
    operator = await join(run)
    operator.talk(tone(OPERATOR, 1))
    await asyncio.sleep(0.2)
    assert caller.frames == []
    await run.engine.handle(Accepted(call="a"))
    await until(lambda: bool(caller.frames))

"""Calls between phones and the engine: real connections on this machine, and real sound."""

import asyncio
import base64
import time

import pytest

pytest.importorskip("aiortc", reason="needs the extra calls: aiortc")

from tests.features.calls.engine.engine_run import EngineRun
from tests.features.calls.engine.phone import DIGITS, PythonPhone, hears, tone, until
from tests.features.calls.engine.test_sdp import BAD

from emulator.cloud_api.rules.call_sdp import check_answer, check_offer
from features.calls.engine.opus import OpusDecoder, read_recording
from features.calls.protocol import (
    Accepted,
    Answer,
    Beat,
    CallEnd,
    Configure,
    Connected,
    Digit,
    End,
    Ended,
    Invitation,
    Invite,
    Line,
    Offer,
    Ready,
    Record,
    Recorded,
    Refused,
    Reply,
    Said,
    Silent,
)


async def until_silent(phone: PythonPhone, frames: int = 3) -> float:
    """Return when a phone has heard so many frames of silence."""
    count, done = 0, asyncio.Event()

    def look(is_sound: bool) -> None:
        nonlocal count
        count = 0 if is_sound else count + 1
        if count == 1:
            look.since = time.monotonic()  # type: ignore[attr-defined]
        if count == frames:
            done.set()

    phone.on_frame = look
    async with asyncio.timeout(3):
        await done.wait()
    return float(look.since)  # type: ignore[attr-defined]


async def test_an_answer_names_the_stream_that_comes(run: EngineRun) -> None:
    phone = await run.talk()
    await until(lambda: len(phone.frames) > 2)
    named = [line for line in run.of(Answer)[0].sdp.split("\r\n") if line.startswith("a=ssrc:")]
    assert [line.split()[0] for line in named] == [f"a=ssrc:{phone.heard_ssrc}"]
    assert check_answer(run.of(Answer)[0].sdp)


async def test_other_settings_count_for_later_calls(run: EngineRun) -> None:
    await run.talk("former")
    await run.engine.handle(Configure(loopback=True, max_seconds=60))
    await run.talk("later")
    assert len(run.of(Ready)) == 1
    run.ahead = 61.0
    assert (await run.told(Ended, "later")).end is CallEnd.TOO_LONG
    assert all(one.end is not CallEnd.TOO_LONG for one in run.of(Ended, "former"))


async def test_nothing_before_accepted_and_sound_right_after(run: EngineRun) -> None:
    phone = await run.connect()
    await run.told(Connected)
    await run.say(run.record(880.0))
    await asyncio.sleep(0.3)
    assert phone.frames == []
    accepted = time.monotonic()
    await run.engine.handle(Accepted(call="a"))
    phone.talk(tone(440.0, 0.5))
    await asyncio.sleep(0.6)
    first = phone.first_sound()
    assert first is not None
    assert first - accepted <= 0.3
    assert phone.hears(880.0, (440.0, 700.0, 1_000.0))
    await run.engine.handle(End(call="a"))
    ended = await run.told(Ended)
    assert ended.end is CallEnd.CLOSED
    assert 0.3 <= ended.heard_seconds <= 0.7
    assert 0.4 <= ended.said_seconds <= 0.8


async def test_silence_is_sent_too_and_a_goodbye_is_heard_to_its_end(run: EngineRun) -> None:
    phone = await run.talk()
    await asyncio.sleep(0.3)
    assert 12 <= len(phone.frames) <= 20
    assert phone.first_sound() is None
    await run.say(run.record(600.0, seconds=0.4), then_end=True)
    phone.talk(keys="7")  # does not interrupt a goodbye
    ended = await run.told(Ended)
    assert (ended.end, run.of(Said)[-1].is_interrupted) == (CallEnd.CLOSED, False)
    assert [one.digit for one in run.of(Digit)] == ["7"]
    sound = [at for at, is_sound in phone.frames if is_sound]
    assert 0.35 <= sound[-1] - sound[0] <= 0.55
    assert phone.frames[-1][0] - sound[-1] >= 0.2


@pytest.mark.parametrize("loss", [0.0, 0.03])
async def test_keys_are_heard_once_each_in_order(run: EngineRun, loss: float) -> None:
    phone = await run.talk(loss=loss, seed=7)
    phone.talk(keys=DIGITS)
    await until(lambda: len(run.of(Digit)) >= len(DIGITS))
    await asyncio.sleep(0.1)
    assert "".join(one.digit for one in run.of(Digit)) == DIGITS


async def test_a_key_interrupts_what_is_said(run: EngineRun) -> None:
    phone = await run.talk()
    await run.say(run.record(880.0))
    await asyncio.sleep(0.4)
    assert phone.hears(880.0, (440.0,))
    pressed = time.monotonic()
    phone.talk(keys="1")
    silent = await until_silent(phone)
    assert silent - pressed <= 0.15
    assert run.of(Said)[-1].is_interrupted
    assert [one.digit for one in run.of(Digit)] == ["1"]


async def test_a_phone_that_vanishes_and_one_that_hangs_up(run: EngineRun) -> None:
    gone, other = await run.talk("a"), await run.talk("b", seed=2)
    await asyncio.sleep(0.2)
    gone.vanish()
    await asyncio.sleep(0.2)  # what was on the way
    run.ahead += 9.5
    await asyncio.sleep(0.1)  # the other one is heard again
    run.engine.tick()
    assert run.of(Ended, "a") == []
    run.ahead += 0.6
    assert (await run.told(Ended, "a", seconds=1)).end is CallEnd.LOST
    assert run.of(Ended, "b") == []
    await other.hang_up()
    assert (await run.told(Ended, "b", seconds=1)).end is CallEnd.CLOSED


async def test_a_phone_that_does_not_come(run: EngineRun) -> None:
    phone = PythonPhone()
    run.phones.append(phone)
    await run.engine.handle(Offer(call="a", sdp=await phone.dial(), language="en"))
    await run.told(Answer)
    run.ahead += 8
    assert (await run.told(Ended, seconds=1)).end is CallEnd.NO_MEDIA


async def test_silence_of_both_sides_is_told(run: EngineRun) -> None:
    phone = await run.talk()
    await asyncio.sleep(0.1)
    run.ahead += 8
    assert (await run.told(Silent)).seconds == 8
    phone.talk(tone(440.0, 0.3))
    await asyncio.sleep(0.4)
    run.ahead += 7.9
    run.engine.tick()
    assert len(run.of(Silent)) == 1


async def test_ten_calls_without_crosstalk(run: EngineRun) -> None:
    names = [str(number) for number in range(10)]
    phones = [await run.talk(name, seed=int(name)) for name in names]
    tones = [500.0 + 100 * number for number in range(10)]
    for name, frequency in zip(names, tones, strict=True):
        await run.say(run.record(frequency, seconds=15), call=name)
    for phone, frequency in zip(phones, tones, strict=True):
        async with asyncio.timeout(30):  # sound comes when the machine has time for ten calls
            while not phone.hears(frequency, set(tones) - {frequency}):  # noqa: ASYNC110 - audio
                await asyncio.sleep(0.2)
    run.engine.beat()
    [beat] = run.of(Beat)
    assert (beat.active, beat.frames > len(names)) == (10, True)


async def test_bad_offers_are_refused_and_leave_nothing(run: EngineRun) -> None:
    for name, sdp in BAD.items():
        await run.engine.handle(Offer(call=name, sdp=sdp, language="en"))
        assert (await run.told(Refused, name)).why == "bad_sdp"
    run.engine.tick()
    run.engine.beat()
    assert run.of(Beat)[-1].active == 0


async def test_a_call_goes_on_when_a_voice_fails(
    run: EngineRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        async def speak(self, text: str, language: str) -> bytes:
            raise RuntimeError(text)

    monkeypatch.setattr(run.speaker, "_synthesizer", Broken())
    await run.talk()
    await run.say(Line(text="Good morning", language="en"), then_end=True)
    assert (await run.told(Ended)).end is CallEnd.CLOSED


async def test_a_line_that_nothing_can_speak_points_at_the_chat(
    run: EngineRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without espeak-ng and without a server."""
    run.record(700.0, seconds=0.3)
    recorded = run.voice / "recorded" / "en"
    (recorded / "tone_700.opus").rename(recorded / "in_chat.opus")
    monkeypatch.setattr(run.speaker, "_synthesizer", None)
    phone = await run.talk()
    await run.say(*(Line(text=f"Choice {number}", language="en") for number in range(3)))
    await run.told(Said)
    await asyncio.sleep(0.1)
    sound = [at for at, is_sound in phone.frames if is_sound]
    assert 0.25 <= sound[-1] - sound[0] <= 0.4  # once for all of them


@pytest.mark.parametrize("setup", ["active", "actpass"])
async def test_a_call_of_ours_is_silent_until_it_is_taken(run: EngineRun, setup: str) -> None:
    phone = await run.invite(setup=setup)
    assert check_offer(run.of(Invitation)[0].sdp)
    await run.told(Connected)
    await asyncio.sleep(0.2)
    assert phone.frames == [], "the phone rings"
    await run.engine.handle(Accepted(call="a"))
    phone.talk(tone(440.0, 0.5))
    await run.say(run.record(880.0))
    await until(lambda: phone.hears(880.0, (440.0, 700.0)))
    phone.talk(keys="1")
    assert (await run.told(Digit)).digit == "1"
    await run.engine.handle(End(call="a"))
    assert (await run.told(Ended)).end is CallEnd.CLOSED


async def test_an_answer_of_no_use_ends_a_call_of_ours(run: EngineRun) -> None:
    await run.engine.handle(Invite(call="a", language="en"))
    await run.told(Invitation)
    await run.engine.handle(Reply(call="a", sdp="v=0\r\n"))
    assert (await run.told(Refused)).why == "bad_sdp"


async def test_a_caller_is_recorded_until_a_key(run: EngineRun) -> None:
    phone = await run.talk()
    order = Record(call="a", lines=(run.record(880.0, seconds=0.2),), max_seconds=30)
    await run.engine.handle(order)
    await run.told(Said)
    phone.talk(tone(440.0, 1.0))
    await asyncio.sleep(1.2)
    phone.talk(keys="#")
    recorded = await run.told(Recorded)
    packets = read_recording(base64.b64decode(recorded.audio))
    decoder = OpusDecoder()
    heard = b"".join(map(decoder.decode, packets))
    assert hears(heard[: len(heard) * 3 // 4], 440.0, (880.0, 700.0))
    assert recorded.text == "", "no model writes it down"


async def test_a_caller_who_hangs_up_is_recorded_until_then(run: EngineRun) -> None:
    phone = await run.talk()
    await run.engine.handle(Record(call="a", lines=(), max_seconds=30))
    await run.told(Said)
    phone.talk(tone(440.0, 1.0))
    await asyncio.sleep(0.8)
    await phone.hang_up()
    assert (await run.told(Recorded)).audio


async def test_nobody_speaks_and_nothing_is_recorded(run: EngineRun) -> None:
    await run.talk()
    await run.engine.handle(Record(call="a", lines=(), max_seconds=1))
    assert (await run.told(Recorded)).audio == ""

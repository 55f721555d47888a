"""When a call ends by itself, and when silence is told."""

from features.calls.engine.timers import CallTimers, CallTimes
from features.calls.protocol import CallEnd


def timers(**times: float) -> CallTimers:
    given: dict[str, float] = {"offered": 0.0, **times}
    return CallTimers(CallTimes(**given), connect_seconds=8, max_seconds=600)


def test_a_call_that_does_not_connect_or_is_never_accepted() -> None:
    assert timers().end(7.9) is None
    assert timers().end(8.0) is CallEnd.NO_MEDIA
    assert timers(connected=1.0).end(59.0) is None
    assert timers(connected=1.0).end(60.0) is CallEnd.FAILED


def test_a_call_without_sound_or_without_end() -> None:
    accepted = timers(connected=1.0, accepted=2.0)
    assert accepted.end(11.9) is None
    assert accepted.end(12.0) is CallEnd.NO_MEDIA
    talking = timers(connected=1.0, accepted=2.0, audio=601.9, packet=601.9)
    assert talking.end(601.9) is None
    assert talking.end(602.0) is CallEnd.TOO_LONG


def test_packets_that_stop_and_a_phone_that_is_muted() -> None:
    assert timers(connected=1.0, accepted=2.0, audio=20.0, packet=20.0).end(29.9) is None
    assert timers(connected=1.0, accepted=2.0, audio=20.0, packet=20.0).end(30.0) is CallEnd.LOST
    muted = timers(connected=1.0, accepted=2.0, audio=20.0, packet=49.0)
    assert muted.end(49.9) is None  # RTCP still comes
    assert muted.end(50.0) is CallEnd.LOST


def test_silence_is_told_twice_and_again_after_speech() -> None:
    call = timers(connected=1.0, accepted=2.0, speech=2.0)
    told = [at for at in range(2, 40) if call.silence(float(at))]
    assert told == [10, 18]
    call.times.speech = 40.0
    assert [at for at in range(40, 60) if call.silence(float(at))] == [48, 56]

"""The ear: packets in any order, lost ones, and keys that are heard once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("av", reason="needs the extra calls: aiortc")

from features.calls.engine.ear import DIGITS, Ear, read_rtp
from features.calls.engine.opus import PCM_BYTES

OPUS, EVENTS = 111, 126


class FakeDecoder:
    """Samples that name their packet."""

    def decode(self, payload: bytes) -> bytes:
        return payload[:1] * PCM_BYTES


class Listener:
    """An ear, and what it heard: one number for each frame, -1 for a concealed one."""

    def __init__(self) -> None:
        self.frames: list[int] = []
        self.digits: list[str] = []
        self.ear = Ear(OPUS, EVENTS, FakeDecoder(), self._hear, self.digits.append)

    def _hear(self, pcm: bytes) -> None:
        is_whole = pcm == pcm[:1] * PCM_BYTES and pcm[0] != 0
        self.frames.append(pcm[0] if is_whole else -1)


def rtp(sequence: int, payload: bytes, *, kind: int = OPUS, time: int = 0, ssrc: int = 1) -> bytes:
    number = sequence & 0xFFFF
    head = bytes([0x80, kind]) + number.to_bytes(2, "big")
    return head + (time & 0xFFFFFFFF).to_bytes(4, "big") + ssrc.to_bytes(4, "big") + payload


def key(digit: str, duration: int, *, is_over: bool = False) -> bytes:
    return bytes([DIGITS.index(digit), 0x8A if is_over else 0x0A]) + duration.to_bytes(2, "big")


@given(st.data())
def test_packets_up_to_60_ms_late_are_put_in_order(data: st.DataObject) -> None:
    first = data.draw(st.sampled_from([0, 10, 65_530]))
    order = sorted(range(20), key=lambda at: at + data.draw(st.integers(0, 3)) * (at > 0))
    listener = Listener()
    for at in order:
        listener.ear.take(rtp(first + at, bytes([at + 1])))
        listener.ear.take(rtp(first + at, bytes([at + 1])))  # a copy
    assert listener.frames == [at + 1 for at in range(20)]


def test_a_lost_packet_is_filled_and_the_rest_goes_on() -> None:
    listener = Listener()
    for at in [0, 1, 3, 4, 5, 6]:
        listener.ear.take(rtp(at, bytes([at + 1])))
    assert listener.frames == [1, 2, -1, 4, 5, 6, 7]


def test_packets_for_somebody_else_are_passed_on_at_once() -> None:
    listener, passed = Listener(), list[bytes]()
    listener.ear.take(rtp(0, b"\x01"))
    listener.ear.relay = passed.append
    for at in [1, 4, 3, 4, 5]:  # 2 is lost, 3 too late, the second 4 a copy
        listener.ear.take(rtp(at, bytes([at + 1])))
    assert passed == [b"\x02", b"\x05", b"\x06"]
    assert listener.ear.lost == 2
    listener.ear.relay = None
    listener.ear.take(rtp(6, b"\x07"))
    assert listener.frames == [1, 7]


def test_a_phone_that_starts_over_is_heard_at_once() -> None:
    listener = Listener()
    listener.ear.take(rtp(100, b"\x01"))
    listener.ear.take(rtp(40_000, b"\x02"))
    listener.ear.take(rtp(7, b"\x03", ssrc=9))
    assert listener.frames == [1, 2, 3]


@given(lost=st.sets(st.integers(0, 80)), swap=st.integers(0, 60))
def test_each_key_is_heard_once(lost: set[int], swap: int) -> None:
    """Of seven packets of a key any six may be lost, and two may be swapped."""
    packets, sequence = list[tuple[int, bytes]](), 0
    for number, digit in enumerate(DIGITS):
        for step in range(7):
            payload = key(digit, min(step + 1, 4) * 160, is_over=step >= 3)
            event = rtp(sequence, payload, kind=EVENTS, time=number * 9_600)
            packets.append((number, event))
            sequence += 1
    kept = [one for at, one in enumerate(packets) if at not in lost]
    alive = [DIGITS[number] for number in sorted({number for number, _ in kept})]
    if swap + 1 < len(kept) and kept[swap][0] == kept[swap + 1][0]:
        kept[swap], kept[swap + 1] = kept[swap + 1], kept[swap]
    listener = Listener()
    for _, packet in kept:
        listener.ear.take(packet)
    assert listener.digits == alive


def test_the_same_key_twice_and_a_key_that_is_held() -> None:
    listener = Listener()
    for at, (time, duration, is_over) in enumerate(
        [(0, 160, False), (0, 320, True), (0, 320, True), (4_800, 160, True), (4_800, 160, True)]
    ):
        listener.ear.take(rtp(at, key("5", duration, is_over=is_over), kind=EVENTS, time=time))
    assert listener.digits == ["5", "5"]
    held = [(20_000, 0xFFFF, False), (20_000 + 0xFFFF, 160, False), (20_000 + 0xFFFF, 320, True)]
    for at, (time, duration, is_over) in enumerate(held):
        event = key("7", duration, is_over=is_over)
        listener.ear.take(rtp(50 + at, event, kind=EVENTS, time=time))
    assert listener.digits == ["5", "5", "7"]


def test_a_key_leaves_no_gap_in_the_sound() -> None:
    listener = Listener()
    listener.ear.take(rtp(0, b"\x01"))
    listener.ear.take(rtp(1, key("1", 160), kind=EVENTS))
    listener.ear.take(rtp(2, b"\x02"))
    assert listener.frames == [1, 2]


@given(st.binary(max_size=80))
def test_no_packet_breaks_the_ear(data: bytes) -> None:
    listener = Listener()
    listener.ear.take(data)
    listener.ear.take(b"\x80" + data)
    listener.ear.take(bytes([0x90, EVENTS]) + data)
    read_rtp(data)

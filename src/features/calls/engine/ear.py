"""The ear of a call: RTP packets in, samples and digits out. Knows no network and no clock.

aiortc's own jitter buffer fills up under loss and stalls at telephone events, so this takes the
decrypted packets before it. Source: RFC 3550 (RTP), RFC 4733 (telephone events).
"""

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from features.calls.engine.opus import PCM_BYTES

#: How far packets may be ahead of one that is missing: 60 ms.
MAX_WAITING_PACKETS = 3
#: A step of sequence numbers that is a new stream, and no loss.
MAX_STEP = 100
DIGITS = "0123456789*#"
HEADER_BYTES, EVENT_BYTES = 12, 4


class Decoder(Protocol):
    """Turns packets of Opus into samples."""

    def decode(self, payload: bytes) -> bytes:
        """Return the samples of a packet; nothing for one that is broken."""
        ...


@dataclass(frozen=True, slots=True)
class RtpPacket:
    """A packet of RTP, without extensions and padding."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


@dataclass(slots=True)
class _Event:
    """The telephone event heard last."""

    code: int
    timestamp: int
    duration: int = 0
    is_over: bool = False


@dataclass(slots=True)
class Ear:
    """Listens to one call. `on_audio` gets samples of 20 ms in order, `on_digit` each key once."""

    opus: int
    events: int | None
    decoder: Decoder
    on_audio: Callable[[bytes], None]
    on_digit: Callable[[str], None]
    #: takes the packets of sound in place of the decoder, while somebody else hears them: at once,
    #: since who waits for a lost packet delays all that follow
    relay: Callable[[bytes], None] | None = None
    #: packets that did not come, or too late
    lost: int = 0
    _ssrc: int | None = None
    _next: int | None = None
    #: packets that came too early, by sequence number; None for those without sound
    _early: dict[int, bytes | None] = field(default_factory=dict)
    _last: bytes = b""
    _event: _Event | None = None

    def take(self, data: bytes) -> bool:
        """Take a decrypted packet; return whether it is one of this call."""
        packet = read_rtp(data)
        if packet is None or packet.payload_type not in (self.opus, self.events):
            return False
        if packet.ssrc != self._ssrc:
            self._start_over(packet)
        is_event = packet.payload_type == self.events
        if is_event:
            self._hear_event(packet)
        self._put(packet.sequence, None if is_event else packet.payload)
        return True

    def _start_over(self, packet: RtpPacket) -> None:
        self._ssrc, self._next, self._event = packet.ssrc, packet.sequence, None
        self._early.clear()

    def _put(self, sequence: int, payload: bytes | None) -> None:
        assert self._next is not None
        ahead = _difference(sequence, self._next, 16)
        if abs(ahead) > MAX_STEP:
            self._early.clear()
            self._next, ahead = sequence, 0
        if ahead < 0:
            return  # too late, or a copy
        if self.relay is not None:
            self._pass_on(payload, ahead, self.relay)
            return
        self._early[sequence] = payload
        self._play()
        while self._waits_too_long():
            self._conceal()
            self._next = (self._next + 1) & 0xFFFF
            self._play()

    def _waits_too_long(self) -> bool:
        """Return whether the first packet that waits has done so for 60 ms."""
        next_one = self._next or 0
        ahead = (_difference(one, next_one, 16) for one in self._early)
        return max(ahead, default=0) > MAX_WAITING_PACKETS

    def _pass_on(self, payload: bytes | None, ahead: int, relay: Callable[[bytes], None]) -> None:
        assert self._next is not None
        self._early.clear()
        self._next = (self._next + ahead + 1) & 0xFFFF
        self.lost += ahead
        if payload:
            relay(payload)

    def _play(self) -> None:
        assert self._next is not None
        while self._next in self._early:
            payload = self._early.pop(self._next)
            self._next = (self._next + 1) & 0xFFFF
            if payload and (pcm := self.decoder.decode(payload)):
                self._last = pcm[-PCM_BYTES:]
                self.on_audio(pcm)

    def _conceal(self) -> None:
        """Fill a gap with the last frame, which fades out."""
        self.lost += 1
        samples = array("h", self._last)
        count = len(samples) or 1
        faded = array("h", (value * (count - at) // count for at, value in enumerate(samples)))
        self._last = bytes(len(self._last))
        if faded:
            self.on_audio(faded.tobytes())

    def _hear_event(self, packet: RtpPacket) -> None:
        """Report a key at its first packet: the others repeat it, and the end comes three times."""
        if len(packet.payload) < EVENT_BYTES or packet.payload[0] >= len(DIGITS):
            return
        code, is_over = packet.payload[0], bool(packet.payload[1] & 0x80)
        duration, last = int.from_bytes(packet.payload[2:4], "big"), self._event
        if last is not None:
            ahead = _difference(packet.timestamp, last.timestamp, 32)
            if ahead < 0:
                return
            # a key that is held for more than 8 seconds goes on in a further event
            goes_on = code == last.code and not last.is_over and 0 < ahead <= last.duration + 1
            if ahead == 0 or goes_on:
                self._event = _Event(code, packet.timestamp, duration, is_over or last.is_over)
                return
        self._event = _Event(code, packet.timestamp, duration, is_over)
        self.on_digit(DIGITS[code])


def read_rtp(data: bytes) -> RtpPacket | None:
    """Return what a packet holds; None if it is none of RTP."""
    if len(data) < HEADER_BYTES or data[0] >> 6 != 2:
        return None
    start, end = HEADER_BYTES + 4 * (data[0] & 0x0F), len(data)
    if data[0] & 0x10:
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
    if data[0] & 0x20:
        end -= data[-1]
    if start > end:
        return None
    number = int.from_bytes
    return RtpPacket(
        data[1] & 0x7F,
        number(data[2:4], "big"),
        number(data[4:8], "big"),
        number(data[8:12], "big"),
        data[start:end],
    )


def _difference(one: int, other: int, bits: int) -> int:
    """Return by how much a counter that starts over is ahead of another one."""
    half = 1 << (bits - 1)
    return (one - other + half) % (1 << bits) - half

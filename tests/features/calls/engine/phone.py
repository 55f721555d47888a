"""A phone in Python: it calls, sends tones and digits, and says which frequencies it hears."""

import asyncio
import math
import random
import time
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import chain, repeat

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from emulator.cloud_api.rules.call_sdp import answer_for_browser, offer_of_meta
from features.calls.engine.ear import Ear, read_rtp
from features.calls.engine.opus import (
    FRAME_SECONDS,
    OPUS_SAMPLES,
    PCM_RATE,
    PCM_SAMPLES,
    OpusDecoder,
    OpusEncoder,
)

OPUS, EVENTS = 96, 126
DIGITS = "0123456789*#"
#: How far behind its time a phone may be, in seconds, before it goes on from there.
MAX_BEHIND_SECONDS = 0.1
#: Samples in which frequencies are looked for: 200 ms.
WINDOW = PCM_RATE // 5
#: How much louder than others a tone has to be to count as heard: 20 dB.
CLEAR = 100.0
#: Mean of absolute samples from which a frame is sound.
AUDIBLE = 100


def tone(frequency: float, seconds: float, *, volume: float = 0.4) -> bytes:
    """Return samples of a sine."""
    step = 2 * math.pi * frequency / PCM_RATE
    count = int(seconds * PCM_RATE)
    return array("h", (int(32767 * volume * math.sin(step * at)) for at in range(count))).tobytes()


def noise(seconds: float, *, seed: int = 1) -> bytes:
    """Return samples of noise, whose packets are all different."""
    chance, count = random.Random(seed), int(seconds * PCM_RATE)
    return array("h", (chance.randrange(-6_000, 6_000) for _ in range(count))).tobytes()


def power(pcm: bytes, frequency: float) -> float:
    """Return how much of a frequency there is, by Goertzel's algorithm."""
    samples = array("h", pcm)
    factor = 2 * math.cos(2 * math.pi * frequency / PCM_RATE)
    one = two = 0.0
    for sample in samples:
        one, two = sample + factor * one - two, one
    return (one * one + two * two - factor * one * two) / max(1, len(samples)) ** 2


def hears(pcm: bytes, frequency: float, others: Iterable[float]) -> bool:
    """Return whether the last 200 ms have a frequency, and none of the others."""
    last = pcm[-2 * WINDOW :]
    loudest = max((power(last, each) for each in others), default=1.0)
    return power(last, frequency) > max(CLEAR * loudest, 1_000.0)


async def until(is_so: Callable[[], bool], *, seconds: float = 5.0) -> None:
    """Wait until a condition holds; TimeoutError if it does not in time."""
    for _ in range(int(seconds / 0.005)):
        if is_so():
            return
        await asyncio.sleep(0.005)
    raise TimeoutError


class PythonPhone:
    """One call of a person. What it hears is in `heard`, with the time of each frame."""

    def __init__(self, *, loss: float = 0.0, seed: int = 1) -> None:
        self.heard = bytearray()
        #: packets received, with the time of each and whether there was sound in it
        self.frames: list[tuple[float, bool]] = []
        self._loss, self._random = loss, random.Random(seed)
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._transceiver = self._connection.addTransceiver("audio", direction="sendrecv")
        self.opus = OPUS
        self._ear = Ear(OPUS, EVENTS, OpusDecoder(), self._hear, lambda digit: None)
        self._sequence, self._number = self._random.randrange(1000), 0
        self._ssrc = self._random.randrange(2**32)
        self._sending: asyncio.Task[None] | None = None
        self._packets: Iterator[bytes] = iter(())
        self._keys: list[tuple[str, int]] = []
        #: when the last packet of speech was sent, by the monotonic clock
        self.said_at = 0.0
        self.on_frame: Callable[[bool], None] = lambda is_sound: None
        #: told of each packet of sound that is sent, lost or not, and that is received
        self.on_sent: Callable[[bytes], None] = lambda payload: None
        self.on_received: Callable[[bytes], None] = lambda payload: None

    async def dial(self) -> str:
        """Return an offer, as Meta passes it on."""
        await self._connection.setLocalDescription()
        self.offer = self._connection.localDescription.sdp.replace(
            "a=rtpmap:", f"a=rtpmap:{EVENTS} telephone-event/8000\r\na=rtpmap:", 1
        )
        self._ours = offer_of_meta(self.offer)
        return self._ours

    async def connect(self, answer: str, *, as_browser: bool = False) -> None:
        """Take the answer of the bot, and wait until both sides are connected.

        The emulator gives answers `as_browser`: with the phone's own name of the stream.
        """
        self._hook()
        taken = answer if as_browser else answer_for_browser(answer, self.offer)
        described = RTCSessionDescription(taken, "answer")
        await self._connection.setRemoteDescription(described)
        await self.until_connected()

    async def join(self, offer: str) -> str:
        """Take a call of the bot; return the answer, as Meta passes it on."""
        await self._connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        self._hook()
        await self._connection.setLocalDescription()
        self.opus = 111
        self._ear = Ear(self.opus, EVENTS, OpusDecoder(), self._hear, lambda digit: None)
        answer = self._connection.localDescription.sdp
        events = f"a=rtpmap:{EVENTS} telephone-event/8000"
        return offer_of_meta(answer.replace("a=rtpmap:", f"{events}\r\na=rtpmap:", 1))

    async def until_connected(self) -> None:
        """Wait until both sides are connected."""
        await until(lambda: self._connection.connectionState == "connected")

    def _hook(self) -> None:
        dtls = self._transceiver.receiver.transport

        async def take(data: bytes, arrival_time_ms: int) -> None:
            self._take(data)

        dtls._handle_rtp_data = take  # type: ignore[method-assign]

    def talk(self, pcm: bytes = b"", *, keys: str = "", times: int = 1) -> None:
        """Send samples, so many times, then silence; or press keys, 80 ms each."""
        encoder = OpusEncoder()
        packets = [*encoder.encode(pcm), *encoder.finish()] if pcm else []
        if not keys:
            self._packets = chain.from_iterable(repeat(packets, times))
        self._keys += [(key, at) for key in keys for at in range(6)]
        if self._sending is None:
            self._sending = asyncio.create_task(self._send())

    def freeze(self) -> None:
        """Send nothing any more, but stay connected."""
        if self._sending is not None:
            self._sending.cancel()

    def vanish(self) -> None:
        """Go as a phone without power does: no BYE, and nobody at its address."""
        self.freeze()
        for protocol in self._transceiver.receiver.transport.transport._connection._protocols:
            protocol.transport.abort()

    async def hang_up(self) -> None:
        self.freeze()
        await self._connection.close()

    def hears(self, frequency: float, others: Iterable[float] = ()) -> bool:
        return hears(bytes(self.heard), frequency, others)

    def first_sound(self) -> float | None:
        """Return when sound was heard first, by the monotonic clock."""
        return next((at for at, is_sound in self.frames if is_sound), None)

    def sound_after(self, moment: float) -> float | None:
        """Return when sound was heard first after a moment."""
        return next((at for at, is_sound in self.frames if is_sound and at > moment), None)

    def _hear(self, pcm: bytes) -> None:
        samples = array("h", pcm)
        self._is_sound = sum(map(abs, samples)) > AUDIBLE * max(1, len(samples))
        self.heard += pcm

    def _take(self, data: bytes) -> None:
        if (packet := read_rtp(data)) is None or (
            self._loss and self._random.random() < self._loss
        ):
            return
        self.heard_ssrc = packet.ssrc
        self.on_received(packet.payload)
        self._is_sound = False
        self._ear.take(data)
        self.frames.append((time.monotonic(), self._is_sound))
        self.on_frame(self._is_sound)

    async def _send(self) -> None:
        began, silence = time.monotonic(), OpusEncoder().encode(bytes(2 * PCM_SAMPLES))
        silent = silence[0] if silence else b"\xf8\xff\xfe"
        with suppress(ConnectionError):
            while True:
                if self._keys:
                    await self._send_event(*self._keys.pop(0))
                elif (packet := next(self._packets, None)) is not None:
                    self.on_sent(packet)
                    await self._send_rtp(self.opus, packet, self._number)
                    self.said_at = time.monotonic()
                else:
                    await self._send_rtp(self.opus, silent, self._number)
                self._number += 1
                wait = began + self._number * FRAME_SECONDS - time.monotonic()
                if wait < -MAX_BEHIND_SECONDS:  # this process stood still, which no phone does
                    began -= wait
                await asyncio.sleep(max(0.0, wait))

    async def _send_event(self, key: str, step: int) -> None:
        """Send the part of a key that this step has: three with its sound, then three ends."""
        is_over, start = step >= 3, self._number - step
        volume, duration = 10 | (0x80 if is_over else 0), min(step + 1, 4) * 160
        payload = bytes([DIGITS.index(key), volume]) + duration.to_bytes(2, "big")
        await self._send_rtp(EVENTS, payload, start)

    async def _send_rtp(self, kind: int, payload: bytes, number: int) -> None:
        self._sequence = (self._sequence + 1) & 0xFFFF
        if self._loss and self._random.random() < self._loss:
            return
        timestamp = (number * OPUS_SAMPLES) & 0xFFFFFFFF
        header = bytes([0x80, kind]) + self._sequence.to_bytes(2, "big")
        header += timestamp.to_bytes(4, "big") + self._ssrc.to_bytes(4, "big")
        await self._transceiver.receiver.transport._send_rtp(header + payload)

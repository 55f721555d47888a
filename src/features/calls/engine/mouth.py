"""The mouth of a call: packets of 20 ms, one after another, on time."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from features.calls.engine.opus import FRAME_SECONDS, OPUS_SAMPLES, SILENCE

#: Delay from which on a packet is late, in seconds.
LATE_SECONDS = 0.02
#: Packets that are left out after a stall, so that they do not leave in one burst.
MAX_BEHIND_PACKETS = 5
#: Packets of somebody else that may wait: 80 ms, and then the oldest are left out.
MAX_PASSED_PACKETS = 4


class Mouth:
    """Gives the packets of one call: none before `open`, then speech or silence, never nothing."""

    def __init__(self, clock: Callable[[], float], on_said: Callable[[], None]) -> None:
        self._clock = clock
        self._on_said = on_said
        self._is_open = asyncio.Event()
        self._waiting: deque[bytes] = deque()
        #: packets of an operator, which count as no speech of the bot
        self._passed: deque[bytes] = deque(maxlen=MAX_PASSED_PACKETS)
        self._number = 0
        self._began = 0.0
        #: packets sent since the start of the call, those of speech, and those that left late
        self.frames = self.speech_frames = self.late_frames = 0

    @property
    def is_speaking(self) -> bool:
        return bool(self._waiting)

    def open(self) -> None:
        """Let packets out from now on."""
        if not self._is_open.is_set():
            self._began = self._clock()
            self._is_open.set()

    def say(self, packets: Sequence[bytes]) -> None:
        """Queue packets of speech behind what is said already."""
        self._waiting.extend(packets)

    def pass_on(self, packet: bytes) -> None:
        """Queue a packet of somebody else: it is sent while nothing is said."""
        self._passed.append(packet)

    def stop_passing(self) -> None:
        """Forget what somebody else said last."""
        self._passed.clear()

    def flush(self) -> int:
        """Fall silent at once; return how many packets are left unsaid."""
        unsaid = len(self._waiting)
        self._waiting.clear()
        return unsaid

    async def next_packet(self) -> tuple[bytes, int]:
        """Return the next packet and its timestamp, once its time has come."""
        await self._is_open.wait()
        wait = self._began + self._number * FRAME_SECONDS - self._clock()
        if wait > 0:
            await asyncio.sleep(wait)
        self._count_late(-wait)
        packet, timestamp = self._take(), self._number * OPUS_SAMPLES
        self._number += 1
        self.frames += 1
        return packet, timestamp

    def _count_late(self, late: float) -> None:
        if late <= LATE_SECONDS:
            return
        self.late_frames += 1
        behind = int(late / FRAME_SECONDS)
        if behind > MAX_BEHIND_PACKETS:
            self._number += behind

    def _take(self) -> bytes:
        if not self._waiting:
            return self._passed.popleft() if self._passed else SILENCE
        packet = self._waiting.popleft()
        self.speech_frames += 1
        if not self._waiting:
            self._on_said()
        return packet

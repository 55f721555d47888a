"""The mouth of a call: packets of 20 ms, one after another, on time."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from features.calls.engine.opus import FRAME_SECONDS, OPUS_SAMPLES
from features.calls.engine.playout import Playout

#: Delay from which on a packet is late, in seconds.
LATE_SECONDS = 0.02
#: Packets that are left out after a stall, so that they do not leave in one burst.
MAX_BEHIND_PACKETS = 5


class Mouth:
    """Gives the packets of one call: none before `open`, then speech or silence.

    Nothing is sent only where a packet of the other side of a bridge was lost.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        on_said: Callable[[], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._on_said = on_said
        self._sleep = sleep
        self._is_open = asyncio.Event()
        self._waiting: deque[bytes] = deque()
        #: sound of the other side of a bridge, which counts as no speech of the bot
        self.passed = Playout()
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

    def flush(self) -> int:
        """Fall silent at once; return how many packets are left unsaid."""
        unsaid = len(self._waiting)
        self._waiting.clear()
        return unsaid

    async def next_packet(self) -> tuple[bytes, int]:
        """Return the next packet and its timestamp, once its time has come."""
        await self._is_open.wait()
        while True:
            is_late = await self._until_due()
            packet, timestamp = self._take(), self._number * OPUS_SAMPLES
            self._number += 1
            if packet is not None:
                self.frames += 1
                self.late_frames += is_late
                return packet, timestamp

    async def _until_due(self) -> bool:
        """Wait for the time of the next packet; return whether that is over for too long."""
        due = self._began + self._number * FRAME_SECONDS
        if (wait := due - self._clock()) > 0:
            await self._sleep(wait)
        late = self._clock() - due
        behind = int(late / FRAME_SECONDS)
        if behind > MAX_BEHIND_PACKETS:
            self._number += behind
        return late > LATE_SECONDS

    def _take(self) -> bytes | None:
        """Return what is said, or else passed; None for a gap of what is passed."""
        passed = self.passed.take()  # also while the bot speaks over it: it must not come later
        if not self._waiting:
            return passed
        packet = self._waiting.popleft()
        self.speech_frames += 1
        if not self._waiting:
            self._on_said()
        return packet

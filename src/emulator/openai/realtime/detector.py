"""Finds where somebody speaks, by the loudness of each 20 ms."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from emulator.openai.realtime.sound import BYTES_PER_MS, FRAME_BYTES, is_loud

FRAME_MS = 20
#: Loud frames in a row that are speech: 60 ms.
SPEECH_FRAMES = 3


class Found(NamedTuple):
    """A change, and when it was, in milliseconds since the session began."""

    what: Literal["started", "stopped"]
    at_ms: int


@dataclass(slots=True)
class SpeechDetector:
    """Looks at the sound of one session."""

    #: sound since the last turn, or the padding before the next one
    buffer: bytearray = field(default_factory=bytearray)
    is_speaking: bool = False
    _rest: bytes = b""
    _ms: int = 0
    _loud: int = 0
    _quiet_ms: int = 0

    def take(self, pcm: bytes, *, silence_ms: int, padding_ms: int) -> Iterator[Found]:
        """Take sound; yield where speech starts and stops."""
        data = self._rest + pcm
        whole = len(data) - len(data) % FRAME_BYTES
        self._rest = data[whole:]
        for start in range(0, whole, FRAME_BYTES):
            yield from self._look(data[start : start + FRAME_BYTES], silence_ms, padding_ms)

    def collect(self, pcm: bytes) -> None:
        """Take sound without looking at it, where the client says when a turn ends."""
        self.buffer += pcm

    def committed(self) -> bytes:
        """Return the sound of the turn, and begin the next one."""
        sound = bytes(self.buffer)
        self.buffer.clear()
        return sound

    def _look(self, frame: bytes, silence_ms: int, padding_ms: int) -> Iterator[Found]:
        self._ms += FRAME_MS
        self.buffer += frame
        is_loud_now = is_loud(frame)
        self._loud = self._loud + 1 if is_loud_now else 0
        self._quiet_ms = 0 if is_loud_now else self._quiet_ms + FRAME_MS
        if not self.is_speaking and self._loud == SPEECH_FRAMES:
            self.is_speaking = True
            yield Found("started", max(0, self._ms - SPEECH_FRAMES * FRAME_MS - padding_ms))
        elif self.is_speaking and self._quiet_ms >= silence_ms:
            self.is_speaking = False
            yield Found("stopped", self._ms)
        elif not self.is_speaking:
            del self.buffer[: -(padding_ms + SPEECH_FRAMES * FRAME_MS) * BYTES_PER_MS]

"""Finds where a caller speaks, by loudness: 20 ms at a time. Knows no clock."""

from array import array
from collections import deque
from dataclasses import dataclass, field
from enum import Enum

#: Loudness from which a frame is speech in a quiet room, as the mean of absolute samples.
LOUD = 300
#: How much louder than the background speech is, and how fast the background is learnt.
ABOVE_NOISE, LEARNING = 3.0, 0.0005
#: Every so many samples are looked at.
SAMPLE_STEP = 4
#: Loud frames in a row that begin speech: 60 ms. Loud frames that make it more than a noise.
START_FRAMES, LEAST_FRAMES = 3, 6
#: Quiet frames that end it: 500 ms. Frames before its start that belong to it: 300 ms.
END_FRAMES, PADDING_FRAMES = 25, 15
#: Longest turn, in frames: a minute.
MAX_FRAMES = 3000


class Change(Enum):
    """What a frame changes."""

    STARTED = "started"
    STOPPED = "stopped"


@dataclass(slots=True)
class SpeechDetector:
    """Looks at the frames of one call. `take_turn` returns the sound of the last turn."""

    is_speaking: bool = False
    _noise: float = LOUD / ABOVE_NOISE
    _before: deque[bytes] = field(default_factory=lambda: deque(maxlen=PADDING_FRAMES))
    _turn: list[bytes] = field(default_factory=list)
    _loud: int = 0
    _quiet: int = 0
    _all_loud: int = 0

    def look(self, pcm: bytes) -> Change | None:
        """Take a frame. Return whether speech has just started or stopped."""
        is_loud = self._is_loud(pcm)
        self._loud = self._loud + 1 if is_loud else 0
        if self.is_speaking:
            return self._go_on(pcm, is_loud=is_loud)
        self._before.append(pcm)
        if self._loud < START_FRAMES:
            return None
        self.is_speaking, self._quiet, self._all_loud = True, 0, self._loud
        self._turn = list(self._before)
        self._before.clear()
        return Change.STARTED

    def take_turn(self) -> bytes:
        """Return the sound of the turn that stopped; nothing if it was a short noise."""
        turn, self._turn = self._turn, []
        return b"".join(turn) if self._all_loud >= LEAST_FRAMES else b""

    def _go_on(self, pcm: bytes, *, is_loud: bool) -> Change | None:
        self._turn.append(pcm)
        self._all_loud += is_loud
        self._quiet = 0 if is_loud else self._quiet + 1
        if self._quiet < END_FRAMES and len(self._turn) < MAX_FRAMES:
            return None
        self.is_speaking = False
        return Change.STOPPED

    def _is_loud(self, pcm: bytes) -> bool:
        samples = array("h", pcm)[::SAMPLE_STEP]
        level = sum(map(abs, samples)) / max(1, len(samples))
        if level < self._noise:
            self._noise = level
        else:
            self._noise += (level - self._noise) * LEARNING
        return level > max(LOUD, ABOVE_NOISE * self._noise)

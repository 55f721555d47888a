"""What the emulated Realtime API keeps, and what its sessions meet."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.openai.realtime.server import RealtimeServer

#: Frequency of the first tone that answers, and the step to the next one, in Hz.
FIRST_TONE, TONE_STEP = 700.0, 40.0
#: What people seem to say, in turn: nothing here understands their words.
SEEMING_WORDS = (
    *("Hello!", "What can you do?", "Show me the menu, please."),
    "I want to talk to a human.",
)


@dataclass(slots=True)
class EmulatedRealtime:
    """State of the emulator, shared by all sessions."""

    #: every session so far, open or closed
    sessions: "list[RealtimeServer]" = field(default_factory=list)
    #: Whether answers are tones, each of another frequency, though espeak-ng is installed.
    is_tonal: bool = True
    #: HTTP status that refuses every new session
    refusal: int | None = None
    #: number of answers after which a session breaks off
    breaks_after: int | None = None
    #: error of every answer: (type, code)
    failure: tuple[str, str] | None = None
    #: Whether answers have no sound.
    is_mute: bool = False
    #: Whether answers never come.
    is_silent: bool = False
    #: seconds until an answer begins
    seconds: float = 0.0
    #: seconds between two pieces of sound, each of 200 ms
    pace: float = 0.0
    answers: int = 0
    _heard: int = 0

    def next_words(self) -> str:
        """Return what somebody seems to say."""
        self._heard += 1
        return SEEMING_WORDS[(self._heard - 1) % len(SEEMING_WORDS)]

    def next_tone(self) -> float:
        """Return the frequency of the next answer, in Hz."""
        self.answers += 1
        return FIRST_TONE + TONE_STEP * (self.answers - 1)

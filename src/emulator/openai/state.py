"""What the emulated OpenAI keeps, and what its requests meet."""

from dataclasses import dataclass, field

from emulator.openai.dialect import Dialect
from emulator.openai.model import EmulatedModel
from emulator.openai.realtime.state import EmulatedRealtime

KEY = "sk-emulated"


@dataclass(slots=True)
class Trouble:
    """What every request meets, until it is over."""

    #: status of the next refusals, a key of REFUSALS
    refusal: int | None = None
    #: seconds that every answer takes
    seconds: float = 0.0
    #: number of events after which a stream breaks off
    broken_after: int | None = None
    #: whether to ignore the limit of an answer, as some servers do
    knows_no_limit: bool = False


@dataclass(slots=True)
class EmulatedOpenAI:
    """State of the emulator."""

    key: str = KEY
    model: EmulatedModel = field(default_factory=EmulatedModel)
    trouble: Trouble = field(default_factory=Trouble)
    dialect: Dialect = field(default_factory=Dialect)
    realtime: EmulatedRealtime = field(default_factory=EmulatedRealtime)
    #: transcriptions of the next voice notes; later ones say their size
    transcripts: list[str] = field(default_factory=list)
    #: (file name, type, content) of transcribed files
    heard: list[tuple[str, str, bytes]] = field(default_factory=list)
    #: frequency of the tone that is spoken, in Hz; None: silence
    speech_tone: float | None = None
    #: models that exist; empty: every name is taken
    models: frozenset[str] = frozenset()
    #: words whose texts are flagged by moderation
    flagged: tuple[str, ...] = ("violence",)

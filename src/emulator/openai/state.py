"""What the emulated OpenAI keeps, and what its requests meet."""

from dataclasses import dataclass, field

from emulator.openai.dialect import Dialect
from emulator.openai.model import EmulatedModel
from emulator.openai.realtime.state import EmulatedRealtime
from emulator.openai.refused import RefusedRequest
from emulator.openai.responses.conversations import ConversationStore
from emulator.openai.responses.store import ResponseStore
from emulator.openai.trouble import Trouble

KEY = "sk-emulated"


@dataclass(slots=True)
class EmulatedOpenAI:
    """State of the emulator."""

    key: str = KEY
    model: EmulatedModel = field(default_factory=EmulatedModel)
    trouble: Trouble = field(default_factory=Trouble)
    dialect: Dialect = field(default_factory=Dialect)
    realtime: EmulatedRealtime = field(default_factory=EmulatedRealtime)
    responses: ResponseStore = field(default_factory=ResponseStore)
    conversations: ConversationStore = field(default_factory=ConversationStore)
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

    def require_model(self, model: str) -> None:
        """Raise RefusedRequest for a model that does not exist."""
        if self.models and model not in self.models:
            raise RefusedRequest(
                f"The model `{model}` does not exist or you do not have access to it.",
                code="model_not_found",
                status=404,
            )

"""What all conversations share."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from features.faq.search import FaqIndex
from features.voice_notes.transcription import VoiceNoteTranscriber
from flow_engine import Flows
from texts.catalogue import Texts

#: Gives the choices of a step that asks for them (`Ask(options_from=...)`).
OptionSource = Callable[[], Awaitable[tuple[str, ...]]]


async def always_open(_now: datetime) -> bool:
    return True


async def nothing_known() -> FaqIndex:
    return FaqIndex(())


@dataclass(frozen=True, slots=True)
class ConversationContext:
    """What all conversations share: the flows, their texts, and who answers free questions."""

    flows: Flows
    texts: Texts
    remind_after: timedelta
    cancel_after: timedelta
    #: whether free text is answered by an agent
    has_assistant: bool = False
    #: which kinds of files it looks at
    sees: frozenset[str] = frozenset()
    #: understands voice notes
    hearing: VoiceNoteTranscriber | None = None
    #: after so long a talk begins anew
    remembers_for: timedelta = timedelta(days=1)
    zone: tzinfo = UTC
    #: after so long without one of us the bot answers again; None: nobody of us is there
    human_idle: timedelta | None = None
    #: whether they are told at once that somebody asks for them
    tells_operators: bool = False
    #: whether one of us can be reached at this moment
    is_open: Callable[[datetime], Awaitable[bool]] = always_open
    #: what operators have answered
    knowledge: Callable[[], Awaitable[FaqIndex]] = nothing_known
    option_sources: Mapping[str, OptionSource] = field(default_factory=dict)

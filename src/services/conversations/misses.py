"""Messages that nobody understood, one after the other: after two, a person needs help."""

from dataclasses import replace

from pydantic import BaseModel, ConfigDict, TypeAdapter

from services.conversations.decisions import Decisions
from services.conversations.stage import Route
from services.conversations.state import StateSlot
from services.conversations.turn import ConversationTurn

#: Longest text that is remembered, in characters.
MAX_TEXT_CHARS = 300


class Misses(BaseModel):
    """What was not understood since the last message that was."""

    model_config = ConfigDict(frozen=True)

    count: int = 0
    #: What the person wrote last.
    text: str = ""
    message_id: str = ""

    @property
    def is_stuck(self) -> bool:
        """Return whether every second message was missed just now."""
        return self.count > 0 and self.count % 2 == 0


MISSES = StateSlot("misses", TypeAdapter(Misses), Misses())


def misses_of(turn: ConversationTurn) -> Misses:
    """Return what was not understood before this message."""
    return MISSES.read(turn.state)


def note_miss(turn: ConversationTurn) -> Decisions:
    """Remember that this message was not understood."""
    missed = Misses(
        count=misses_of(turn).count + 1,
        text=turn.text[:MAX_TEXT_CHARS],
        message_id=turn.message.message_id,
    )
    return Decisions(state=MISSES.change(missed))


def note_question(turn: ConversationTurn) -> Decisions:
    """Remember a question that was answered with suggestions only: it may lead to a person."""
    asked = misses_of(turn).model_copy(update={"text": turn.text[:MAX_TEXT_CHARS]})
    return Decisions(state=MISSES.change(asked))


def with_end_of_misses(routed: Route) -> Route:
    """Forget what was missed before, once a message was understood."""
    if MISSES.name in routed.decided.state or misses_of(routed.turn) == Misses():
        return routed
    forgotten = Decisions(state=MISSES.change(Misses()))
    return replace(routed, decided=routed.decided + forgotten)

"""Which message answered which question of a form: an edit of the message corrects the answer."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, TypeAdapter

from services.conversations.decisions import Decisions
from services.conversations.state import StateSlot
from services.conversations.turn import ConversationTurn
from utils.digest import digest

#: Most messages that are remembered of one form; the oldest are forgotten.
MAX_MESSAGES = 30
#: Ids of messages have up to 200 characters: enough of a hash to tell thirty of them apart.
HASH_CHARS = 10


class AnsweredForm(BaseModel):
    """The form that was filled in last, and which message answered which of its questions."""

    model_config = ConfigDict(frozen=True)

    flow: str = ""
    #: By a hash of the message's id: the name of the step.
    steps: Mapping[str, str] = {}

    def step_of(self, message_id: str) -> str | None:
        """Return the step that a message answered."""
        return self.steps.get(_hash(message_id))


ANSWERED = StateSlot("answered", TypeAdapter(AnsweredForm), AnsweredForm())


def note_answer(turn: ConversationTurn, flow: str, step: str) -> Decisions:
    """Remember that the message of a turn answers a question, or was refused as its answer."""
    before = ANSWERED.read(turn.state)
    steps = dict(before.steps) if before.flow == flow else {}
    steps[_hash(turn.message.message_id)] = step
    kept = dict(list(steps.items())[-MAX_MESSAGES:])
    return Decisions(state=ANSWERED.change(AnsweredForm(flow=flow, steps=kept)))


def _hash(message_id: str) -> str:
    return digest(message_id, HASH_CHARS)

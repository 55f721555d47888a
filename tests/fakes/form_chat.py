"""A person in the registration, as the core alone hears them: no database, no features."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from app.composition.conversations import load_conversations
from domain.inbound import Inbound, Sender
from domain.user import User
from flow_engine import FlowState
from services.conversations.context import ConversationContext
from services.conversations.forms import Forms
from services.conversations.state import ConversationState
from services.conversations.turn import ConversationTurn

NOW = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
#: A number by the language that its country speaks.
NUMBERS = {"en": "447700900123", "es": "573001234567", "pt": "5511912345678"}
#: What stands before the question.
ANSWERS: Mapping[str, object] = {
    "full_name": "Ana Gómez",
    "id_type": "PASSPORT",
    "id_number": "AB1020300",
    "birth_date": "1990-05-03",
    "about": "I like workshops and music",
}


@cache
def _context() -> ConversationContext:
    flows, texts = load_conversations("en")
    return ConversationContext(flows, texts, timedelta(hours=1), timedelta(hours=24))


class FormChat:
    """Says one thing after the other, and keeps where that leads."""

    def __init__(self, language: str, step: str = "full_name") -> None:
        self._context = _context()
        self._language = language
        flow = self._context.flows.flow("registration")
        names = [one.name for one in flow.steps]
        before = {one: ANSWERS[one] for one in names[: names.index(step)]}
        asked: dict[str, Any] = {"step": step, "answers": before, "options": flow.options(step)}
        self.state: FlowState | None = flow.begin().model_copy(update={**asked, "turn": 7})

    async def say(self, *texts: str) -> str:
        """Say something; return all that is said to the last text, line below line."""
        return [await self._say(text) for text in texts][-1]

    @property
    def answers(self) -> Mapping[str, object]:
        """What the form holds."""
        return self.state.answers if self.state is not None else {}

    @property
    def step(self) -> str:
        """The question that is open; empty if none is."""
        return self.state.step if self.state is not None else ""

    async def _say(self, text: str) -> str:
        number = NUMBERS[self._language]
        user = User("k", "X.1", number, "Somebody")
        message = Inbound("m", "text", Sender("X.1", number), "1", NOW, text=text)
        state = ConversationState(flow=self.state)
        turn = ConversationTurn(user, "1", state, self._language, NOW, message, began_with=state)
        flow = self._context.open_flow(turn)
        assert flow is not None, "the form is open"
        decided = await Forms(self._context).answer(turn, flow)
        self.state = decided.state.get("flow", self.state)  # type: ignore[assignment]
        return "\n".join(str(getattr(one.message, "body", "")) for one in decided.messages)

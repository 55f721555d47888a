"""A form that was open when somebody asked for a person: it waits, and is offered again."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from flow_engine import CameBack, Flow, FlowState
from flow_engine.advance import advance
from flow_engine.transitions import prefaced
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.effect_executor import EffectExecutor
from services.conversations.stage import PassOn, StageResult
from services.conversations.state import StateSlot
from services.conversations.triggers import Triggers
from services.conversations.turn import ConversationTurn
from services.conversations.wishes import Wishes

#: How long a form waits for its person.
KEPT_FOR = timedelta(hours=23)


class Draft(BaseModel):
    """A form that waits."""

    model_config = ConfigDict(frozen=True)

    form: FlowState | None = None
    #: Until when it waits, in seconds since 1970.
    until: float = 0.0


DRAFT = StateSlot("handoff_draft", TypeAdapter(Draft), Draft())


@dataclass(frozen=True, slots=True)
class Drafts:
    """Keeps the open form while a person answers, and offers to go on with it."""

    context: ConversationContext

    def keep(self, turn: ConversationTurn) -> Decisions:
        """Keep the open form, if anything was answered in it."""
        flow, state = self.context.open_flow(turn), turn.state.flow
        if flow is None or state is None or not state.answers:
            return NOTHING
        if flow.interrupts or state.awaiting_call:
            return NOTHING
        until = turn.timestamp + KEPT_FOR.total_seconds()
        return Decisions(state=DRAFT.change(Draft(form=state, until=until)))

    def forget(self, turn: ConversationTurn) -> Decisions:
        """Forget the form."""
        is_kept = DRAFT.read(turn.state).form is not None
        return Decisions(state=DRAFT.change(Draft())) if is_kept else NOTHING

    async def offer(self, turn: ConversationTurn, before: str = "") -> Decisions | None:
        """Ask whether to go on with the form, below the text of a key; None without a form."""
        form, flow = DRAFT.read(turn.state).form, self._flow(turn)
        if form is None or flow is None:
            return None
        decided = self.forget(turn) + Decisions(state={"flow": form})
        step = advance(flow, form, CameBack())
        step = prefaced(before, step) if before else step
        return decided + await EffectExecutor(self.context).follow(turn.after(decided), step)

    async def decide(self, turn: ConversationTurn) -> StageResult:
        """Take a message that asks for the form, or whether it was saved."""
        if turn.state.flow is not None:  # another form was begun
            forgotten = self.forget(turn)
            return PassOn(forgotten) if forgotten is not NOTHING else None
        flow, texts, text = self._flow(turn), self.context.texts, turn.text
        if flow is None:
            return None
        is_typed = turn.message.choice is None
        if is_typed and texts.is_word("is_registered", text):
            said = "registered" if turn.user.is_registered else "not_registered"
            return await self.offer(turn, f"common.{said}")
        is_asked = is_typed and Triggers(self.context).asked_for(text) is flow
        is_going_on = is_typed and texts.is_word("go_on", text)
        is_wanted = is_asked or is_going_on or Wishes(self.context).is_for(turn, flow)
        return await self.offer(turn) if is_wanted else None

    def _flow(self, turn: ConversationTurn) -> Flow[Any] | None:
        """Return the flow of the form that waits, unless it has changed meanwhile."""
        draft = DRAFT.read(turn.state)
        if draft.form is None or turn.timestamp > draft.until:
            return None
        flow = self.context.flows.find_flow(draft.form.flow)
        is_same = flow is not None and flow.version == draft.form.version
        return flow if is_same else None

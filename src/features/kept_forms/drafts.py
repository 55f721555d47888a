"""A form that somebody left for the menu, or for a person: it waits, and they are led back."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from flow_engine import CameBack, Flow, FlowState
from flow_engine.advance import advance, ask_again
from flow_engine.transitions import prefaced
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.effect_executor import EffectExecutor
from services.conversations.exits import TAP
from services.conversations.interruptions import INTERRUPTED
from services.conversations.registration_questions import Asked, asked_of_registration
from services.conversations.replies import Replies
from services.conversations.stage import PassOn, StageResult
from services.conversations.state import StateSlot
from services.conversations.triggers import Triggers
from services.conversations.turn import ConversationTurn
from services.conversations.wishes import Wishes
from utils.elapsed import has_passed

#: How long a form waits for its person.
KEPT_FOR = timedelta(hours=23)
#: How long people are led back by themselves, after they chose something in a menu.
A_MOMENT = timedelta(minutes=5)
#: Last part of the id of the button that leads back, and the whole id.
BACK = "kept_form"
BACK_TO_FORM = f"{TAP}.{BACK}"


class Draft(BaseModel):
    """A form that waits."""

    model_config = ConfigDict(frozen=True)

    form: FlowState | None = None
    #: Until when it waits, in seconds since 1970.
    until: float = 0.0


DRAFT = StateSlot("kept_form", TypeAdapter(Draft), Draft())


@dataclass(frozen=True, slots=True)
class Drafts:
    """Keeps the open form while people do something else, and leads them back to it."""

    context: ConversationContext

    def keep(self, turn: ConversationTurn) -> Decisions:
        """Keep the open form, if anything was answered in it."""
        flow, form = self.context.open_flow(turn), turn.state.flow
        if form is None or not (form.answers or form.chosen or form.aside):
            form = INTERRUPTED.read(turn.state).form
        if flow is None or form is None or flow.interrupts or form.awaiting_call:
            return NOTHING
        until = turn.timestamp + KEPT_FOR.total_seconds()
        return Decisions(state=DRAFT.change(Draft(form=form, until=until)))

    def run_out(self, turn: ConversationTurn) -> Decisions:
        """Keep the open form, and say that nobody waits any more; nothing without answers."""
        kept = self.keep(turn)
        if kept is NOTHING:
            return NOTHING
        ways = {BACK_TO_FORM: "kept_forms.back"}
        return kept + Replies(self.context).offer(turn, "kept_forms.run_out", ways)

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

    async def go_on(self, turn: ConversationTurn) -> Decisions | None:
        """Ask the question of the form again; None without a form."""
        form, flow = DRAFT.read(turn.state).form, self._flow(turn)
        if form is None or flow is None:
            return None
        decided = self.forget(turn) + Decisions(state={"flow": form})
        step = ask_again(flow, form)
        return decided + await EffectExecutor(self.context).follow(turn.after(decided), step)

    def was_just_kept(self, turn: ConversationTurn) -> bool:
        """Return whether a form has waited for a moment only: its person is still at it."""
        kept_at = DRAFT.read(turn.state).until - KEPT_FOR.total_seconds()
        is_recent = not has_passed(A_MOMENT.total_seconds(), since=kept_at, now=turn.timestamp)
        return self._flow(turn) is not None and is_recent

    async def decide(self, turn: ConversationTurn) -> StageResult:
        """Take a message that asks for the form, or whether it was saved, or that cancels it."""
        flow, texts, text = self._flow(turn), self.context.texts, turn.text
        if flow is None:
            return None
        if turn.state.flow is not None:  # begun anew, perhaps
            is_anew = turn.state.flow.flow == flow.name
            return PassOn(self.forget(turn)) if is_anew else None
        if turn.message.choice == BACK_TO_FORM:
            return await self.go_on(turn)
        is_typed = turn.message.choice is None
        if not is_typed and str(turn.message.choice).partition(".")[0] == flow.name:
            opened = Decisions(state={"flow": DRAFT.read(turn.state).form})
            return PassOn(self.forget(turn) + opened)  # an older button of the form
        if is_typed and (asked := asked_of_registration(texts, text)) is Asked.IS_REGISTERED:
            said = "registered" if turn.user.is_registered else "not_registered"
            return await self.offer(turn, f"common.{said}")
        if is_typed and asked is not None:
            return None
        words = ("go_on", "back", "to_form", "storing_after_all")
        if is_typed and any(texts.is_word(group, text) for group in words):
            return await self.go_on(turn)
        if is_typed and texts.is_word("cancel", text):
            left = self.forget(turn)
            return left + Replies(self.context).say_with_menu(turn.after(left), "common.cancelled")
        is_asked = is_typed and Triggers(self.context).asked_for(text) is flow
        is_wanted = is_asked or Wishes(self.context).is_for(turn, flow)
        return await self.offer(turn) if is_wanted else None

    def _flow(self, turn: ConversationTurn) -> Flow[Any] | None:
        """Return the flow of the form that waits, unless it has changed meanwhile."""
        draft = DRAFT.read(turn.state)
        if draft.form is None or turn.timestamp > draft.until:
            return None
        flow = self.context.flows.find_flow(draft.form.flow)
        is_same = flow is not None and flow.version == draft.form.version
        return flow if is_same else None

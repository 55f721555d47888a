"""What may be asked in the middle of anything, such as to have one's data deleted.

An open form waits meanwhile, and goes on afterwards. Whoever holds the conversation, it is heard
(see `AlwaysHeard`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from flow_engine import (
    DeleteProfile,
    Effect,
    FeatureEffect,
    Flow,
    FlowState,
    Menu,
    StartFlow,
    Turn,
)
from flow_engine.advance import ask_again
from services.conversations.context import ConversationContext
from services.conversations.decisions import Decisions
from services.conversations.exits import Exits
from services.conversations.open_form import leave_form
from services.conversations.state import StateSlot
from services.conversations.triggers import Triggers
from services.conversations.turn import ConversationTurn

_CLAUSES = re.compile(r"[,;.!?\n]+")


class Interruption(BaseModel):
    """What an interrupting flow left behind."""

    model_config = ConfigDict(frozen=True)

    #: The form that goes on afterwards.
    form: FlowState | None = None
    #: End of the bot's pause when the flow began, in seconds since 1970: operators who reply move
    #: it. 0 while the bot holds the conversation.
    paused_until: float = 0.0


INTERRUPTED = StateSlot("interrupted", TypeAdapter(Interruption), Interruption())


def forget_interrupted() -> Decisions:
    """Do not go back to the form that was interrupted."""
    return Decisions(state=INTERRUPTED.change(Interruption()))


@dataclass(frozen=True, slots=True)
class Interruptions:
    """Finds what interrupts, and goes back to what was interrupted."""

    context: ConversationContext

    def asked_for(self, turn: ConversationTurn) -> Sequence[Effect]:
        """Return what a message asks for, if that may interrupt anything; else nothing."""
        if turn.message.choice is not None:
            effects = self._tapped(turn.message.choice)
        else:
            triggers = Triggers(self.context)
            found = self._requested(turn.text) or triggers.asked_for(turn.text)
            effects = (
                (StartFlow(found.name),)
                if isinstance(found, Flow)
                else self._of_features(turn.text)
            )
        is_open = turn.state.flow is not None and StartFlow(turn.state.flow.flow) in effects
        return effects if effects and not is_open and all(map(self._interrupts, effects)) else ()

    def begin(self, turn: ConversationTurn, step: Turn) -> Decisions:
        """Set the open form aside for a flow that interrupts it; any other flow replaces it."""
        flow = self._flow(step.state)
        if flow is None or not flow.interrupts:
            return forget_interrupted()
        kept, until = INTERRUPTED.read(turn.state).form, turn.user.bot_paused_until
        opened = self.context.open_flow(turn)
        aside = kept if opened is not None and opened.interrupts else turn.state.flow
        moment = until.timestamp() if until is not None and turn.is_bot_paused else 0.0
        return Decisions(state=INTERRUPTED.change(Interruption(form=aside, paused_until=moment)))

    def go_on(self, turn: ConversationTurn, ended: Turn) -> Turn:
        """Return what follows the end of a flow: the form that it interrupted, if there is one.

        Nobody is asked anything while somebody else holds the conversation.
        """
        form = INTERRUPTED.read(turn.state).form
        flow = self._flow(form)
        is_forgotten = any(isinstance(one, DeleteProfile) for one in ended.effects)
        if flow is None or form is None or is_forgotten:
            return ended
        if turn.is_bot_paused:
            return Turn(form, ended.effects)
        again = ask_again(flow, form)
        return Turn(again.state, (*ended.effects, *again.effects))

    def drop(self, turn: ConversationTurn) -> Decisions:
        """Leave the interrupting flow without a word."""
        before = Decisions(state={"flow": INTERRUPTED.read(turn.state).form})
        return leave_form() + before

    def _requested(self, text: str) -> Flow[Any] | Menu | None:
        """Return what a message asks for, or a part of it: "nobody there? then delete it all"."""
        triggers = Triggers(self.context)
        for part in (one for one in (text, *_CLAUSES.split(text)) if one.strip()):
            if (found := triggers.requested_by(part)) is not None:
                return found
        return None

    def _tapped(self, choice: str) -> Sequence[Effect]:
        """Return what a tap leads to: on a menu, a way out, or an interrupting flow's question."""
        name, _, option = choice.partition(".")
        menu, flow = self.context.flows.find_menu(name), self.context.flows.find_flow(name)
        if menu is not None:
            return menu.choices.get(option, ())
        if flow is not None and flow.interrupts:
            return (StartFlow(name),)
        exits = Exits(self.context)
        return (exits.effects_of(option) if exits.is_exit(choice) else None) or ()

    def _of_features(self, text: str) -> Sequence[Effect]:
        """Return what a text asks of a feature."""
        texts, requests = self.context.texts, self.context.extensions.requests
        return [effect for words, effect in requests.items() if texts.is_word(words, text)]

    def _interrupts(self, effect: Effect) -> bool:
        if isinstance(effect, StartFlow):
            flow = self.context.flows.find_flow(effect.name)
            return flow is not None and flow.interrupts
        is_there = self.context.extensions.can_execute(effect)
        return isinstance(effect, FeatureEffect) and effect.interrupts and is_there

    def _flow(self, state: FlowState | None) -> Flow[Any] | None:
        return self.context.flows.find_flow(state.flow) if state is not None else None

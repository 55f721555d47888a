"""The open form of a person: entering it, leaving it, and how long it waits for an answer."""

from datetime import timedelta
from typing import Any

from flow_engine import Flow, Timeout, Turn
from flow_engine.fitting import takes_names
from services.conversations.context import ConversationContext
from services.conversations.decisions import Decisions
from services.conversations.job_specs import TIMER, TimerJob
from services.conversations.turn import ConversationTurn

#: Parts of the state that belong to the open form: what a person wrote while a call ran (`calls`),
#: an answer that is being read (`unclear_answers`), and the form before it (`interruptions`).
PARTS_OF_FORM = ("held", "unclear_answer", "interrupted")


def enter(step: Turn) -> Decisions:
    """Stand where a flow leads; at its end, in no form."""
    return leave_form() if step.state is None else Decisions(state={"flow": step.state})


def leave_form() -> Decisions:
    """Leave the open form; nothing is waited for any more."""
    return Decisions(
        state=dict.fromkeys(("flow", *PARTS_OF_FORM)), timers=dict.fromkeys(("remind", "cancel"))
    )


def waits_of(flow: Flow[Any], context: ConversationContext) -> Timeout:
    """Return how long a form waits for an answer: as the flow says, or the settings."""
    return flow.timeout or Timeout(context.remind_after, context.cancel_after)


def set_timer(
    context: ConversationContext,
    turn: ConversationTurn,
    timer: str,
    number: int,
    after: timedelta | None,
) -> Decisions:
    """Set a timer of the open form; `after` of None is the bot's own setting."""
    waits = {"remind": context.remind_after, "cancel": context.cancel_after}
    after = after or waits[timer]
    body = TimerJob(timer=timer, turn=number, due=(turn.now + after).timestamp())
    return Decisions(timers={timer: TIMER.timer(after, body)})


def wait_again(
    context: ConversationContext, turn: ConversationTurn, flow: Flow[Any], number: int
) -> Decisions:
    """Wait for the answer once more before the form is left, for as long as the flow does."""
    return set_timer(context, turn, "cancel", number, waits_of(flow, context).cancel_after)


def is_name_asked(context: ConversationContext, turn: ConversationTurn) -> bool:
    """Return whether a single unknown word answers a question for a name: "Perez" is no "pere"."""
    flow, state = context.open_flow(turn), turn.state.flow
    if flow is None or state is None or state.aside or not takes_names(flow, state.step):
        return False
    is_word = len(turn.text.split()) == 1 and turn.text.strip(" .").isalpha()
    return is_word and not context.texts.vocabulary.means_something(turn.text)

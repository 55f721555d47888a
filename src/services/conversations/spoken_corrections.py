"""What somebody corrects by writing, instead of an answer to the question."""

from typing import Any

from flow_engine import Corrected, Flow, FlowState, Turn
from flow_engine.advance import advance
from flow_engine.state import CHANGE
from services.conversations.change_requests import spoken_correction
from services.conversations.context import ConversationContext
from services.conversations.form_answers import as_reply
from services.conversations.turn import ConversationTurn


def change_asked_for(
    context: ConversationContext, turn: ConversationTurn, flow: Flow[Any], state: FlowState
) -> Turn | None:
    """Return where "no, it's wrong" leads where all answers are shown: to what is to change."""
    is_typed = turn.message.choice is None and "?" not in turn.text
    if not is_typed or CHANGE not in flow.question(state).options:
        return None
    is_wrong = context.texts.choices.says_wrong(turn.text)
    return advance(flow, state, as_reply(turn, CHANGE)) if is_wrong else None


def correction_in(
    context: ConversationContext,
    turn: ConversationTurn,
    flow: Flow[Any],
    state: FlowState,
    *,
    is_refused: bool,
) -> Corrected | None:
    """Return the correction of an earlier answer that somebody typed."""
    if turn.message.choice is not None:
        return None
    spoken = spoken_correction(context.texts, flow, state, turn.text, is_refused=is_refused)
    return Corrected(spoken[0], as_reply(turn, spoken[1])) if spoken else None

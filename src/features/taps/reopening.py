"""A button of a form that has ended, tapped to see another answer of its first question."""

from flow_engine import Question, Replied, Say, SetTimer, Started, TakingPart, Turn
from flow_engine.advance import advance
from flow_engine.messages import SendEffect
from services.conversations.context import ConversationContext
from services.conversations.flow_starts import begin
from services.conversations.replies import Replies
from services.conversations.turn import ConversationTurn


def reopened(context: ConversationContext, turn: ConversationTurn) -> Turn | None:
    """Return what the answer leads to; None if the tap is on anything else.

    None also if it would do more than ask or tell: an old button must not save or delete anything.
    """
    name, _, answer = (turn.message.choice or "").partition(".")
    step, _, option = answer.partition(".")
    flow = context.flows.find_flow(name)
    if flow is None or step != flow.first_step or flow.is_several(step):
        return None
    may_start = Replies(context).may(turn, flow)
    is_ready = turn.user.is_registered or not flow.needs_profile
    started = advance(flow, begin(flow, turn), Started())
    is_asked = started.state is not None and option in started.state.options
    if not (may_start and is_ready and is_asked) or started.state is None:
        return None
    chosen = advance(flow, started.state, Replied(option))
    harmless = (Question, Say, SetTimer, SendEffect, TakingPart)
    return chosen if all(isinstance(one, harmless) for one in chosen.effects) else None

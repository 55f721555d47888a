"""Other answers to questions that a person has answered: edited messages, taps on older lists."""

from dataclasses import dataclass
from typing import Any

from flow_engine import Corrected, Flow, FlowState, Question, Replied, advance
from services.conversations.answer_and_change import AnswerAndChange
from services.conversations.context import ConversationContext
from services.conversations.decisions import Decisions
from services.conversations.effect_executor import EffectExecutor
from services.conversations.replies import Replies
from services.conversations.review_messages import ReviewMessages
from services.conversations.turn import ConversationTurn


def older_tap(turn: ConversationTurn, flow: Flow[Any], state: FlowState) -> Corrected | None:
    """Return what a tap on an earlier question of the open form corrects."""
    name, _, rest = (turn.message.choice or "").partition(".")
    step, _, option = rest.partition(".")
    if name != flow.name or step not in state.answers:
        return None
    is_option = option in flow.options(step) or flow.step(step).options_from is not None
    return Corrected(step, Replied(option)) if is_option else None


@dataclass(frozen=True, slots=True)
class Corrections:
    """Goes where another answer leads."""

    context: ConversationContext

    async def beside_answer(
        self, turn: ConversationTurn, flow: Flow[Any], state: FlowState, question: Question
    ) -> Decisions | None:
        """Take an answer and a correction that one message holds; None for any other message."""
        return await AnswerAndChange(self.context).take(turn, flow, state, question)

    def review(self, turn: ConversationTurn, flow: Flow[Any], state: FlowState) -> ReviewMessages:
        """Return what reads a message that is no answer."""
        return ReviewMessages(self.context, turn, flow, state)

    async def follow(
        self, turn: ConversationTurn, flow: Flow[Any], state: FlowState, corrected: Corrected
    ) -> Decisions:
        """Take another answer; one that changes nothing repeats the question."""
        if state.answers.get(corrected.step) == corrected.reply.text:
            return Replies(self.context).ask(turn, flow.question(state))
        step = advance(flow, state, corrected)
        return await EffectExecutor(self.context).follow(turn, step)

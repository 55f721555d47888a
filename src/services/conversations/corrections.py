"""Other answers to questions that a person has answered: edited messages, taps on older lists."""

from dataclasses import dataclass
from typing import Any

from flow_engine import Corrected, Flow, FlowState, Question, Replied, advance
from flow_engine.fitting import asks_for_sentences
from flow_engine.state import SKIP
from services.conversations.answer_and_change import AnswerAndChange
from services.conversations.context import ConversationContext
from services.conversations.decisions import Decisions
from services.conversations.effect_executor import EffectExecutor
from services.conversations.replies import Replies
from services.conversations.review_messages import ReviewMessages
from services.conversations.spoken_corrections import correction_in
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

    async def typed(
        self,
        turn: ConversationTurn,
        flow: Flow[Any],
        state: FlowState,
        answer: str | None,
        *,
        is_refused: bool,
    ) -> Decisions | None:
        """Take other answers that a typed message has; None for any other message."""
        is_free = is_refused or (asks_for_sentences(flow, state.step) and answer != SKIP)
        reviewed = self.review(turn, flow, state)
        several = reviewed.corrected(is_refused=is_refused) if is_free else None
        if several is not None:
            return await EffectExecutor(self.context).follow(turn, several)
        corrected = correction_in(self.context, turn, flow, state, is_refused=is_refused)
        options = flow.question(state).options
        place = self.context.texts.choices.place_in_words(turn.text, len(options))
        is_listed = answer in options and bool(state.aside) and place is not None  # "the last one"
        if corrected is None or is_listed:
            return None
        return await self.follow(turn, flow, state, corrected)

    async def follow(
        self, turn: ConversationTurn, flow: Flow[Any], state: FlowState, corrected: Corrected
    ) -> Decisions:
        """Take another answer; one that changes nothing repeats the question."""
        if state.answers.get(corrected.step) == corrected.reply.text:
            return Replies(self.context).ask(turn, flow.question(state))
        step = advance(flow, state, corrected)
        return await EffectExecutor(self.context).follow(turn, step)

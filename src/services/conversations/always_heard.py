"""What is heard although somebody else holds the conversation, besides STOP: see decision 18."""

from typing import Any

from flow_engine import Cancelled, Flow, NotifyOperators
from flow_engine.advance import advance
from services.conversations.context import ConversationContext
from services.conversations.decisions import NOTHING, Decisions
from services.conversations.effect_executor import EffectExecutor
from services.conversations.form_answers import FormAnswers, as_reply
from services.conversations.holders import held_by_agent, without_words
from services.conversations.interruptions import INTERRUPTED, Interruptions
from services.conversations.opt_out import OptOut
from services.conversations.stage import PassOn, StageResult
from services.conversations.turn import ConversationTurn


class AlwaysHeard:
    """Answers requests that interrupt anything, and what they ask back; nothing else."""

    def __init__(self, context: ConversationContext) -> None:
        self.context = context
        self._executor = EffectExecutor(context)
        self._interruptions = Interruptions(context)
        self._answers = FormAnswers(context)

    async def decide(self, turn: ConversationTurn) -> StageResult:
        """Take a message that the bot hears while it may not speak otherwise; None for others."""
        is_silent = turn.is_bot_paused or turn.is_opted_out
        message = turn.message
        if not is_silent or message.edits is not None or not (message.text or message.choice):
            return None
        flow = self.context.open_flow(turn)
        is_asked = flow is not None and flow.interrupts
        if flow is not None and is_asked:
            answered = await self._answer(turn, flow)
            if answered is not None:
                return answered
        if effects := self._interruptions.asked_for(turn):
            return await self._executor.execute(turn, effects)
        return PassOn(self._interruptions.drop(turn)) if is_asked else None

    async def standby(self, turn: ConversationTurn) -> StageResult:
        """Meta's agent answers: the bot takes note, of STOP as well, and says nothing."""
        if not turn.message.is_standby:
            return None
        held = held_by_agent(turn)
        turn = turn.after(held)
        keyword = OptOut(self.context).keyword(turn)
        if isinstance(keyword, Decisions):
            return held + without_words(keyword)
        return held + await self._passed_on(turn)

    async def _passed_on(self, turn: ConversationTurn) -> Decisions:
        """Tell operators of a request that the bot hears, but may not even ask about."""
        if turn.is_blocked or not self._interruptions.asked_for(turn):
            return NOTHING
        told = NotifyOperators("holding.asked", {"asked": turn.text})
        return await self._executor.execute(turn, [told])

    async def _answer(self, turn: ConversationTurn, flow: Flow[Any]) -> Decisions | None:
        """Take the answer to the question that the bot asked; None if it is none.

        A typed one counts until somebody else has written: "yes" may mean their question.
        """
        state, is_typed = turn.state.flow, turn.message.choice is None
        assert state is not None, "somebody is in a form"
        if is_typed and not self._is_last_word(turn):
            return None
        question = flow.question(state)
        answer = self._answers.answer_to(turn, flow, question)
        if answer in question.options:
            return await self._executor.follow(turn, advance(flow, state, as_reply(turn, answer)))
        if is_typed and self.context.texts.is_word("cancel", turn.text):
            return await self._executor.follow(turn, advance(flow, state, Cancelled()))
        return None

    def _is_last_word(self, turn: ConversationTurn) -> bool:
        until = turn.user.bot_paused_until
        now = until.timestamp() if until is not None and turn.is_bot_paused else 0.0
        return INTERRUPTED.read(turn.state).paused_until == now

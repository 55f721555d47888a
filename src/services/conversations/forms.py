"""The open form of a person: their answers, and their ways through it."""

from dataclasses import replace
from typing import Any

from flow_engine import (
    CameBack,
    Cancelled,
    Corrected,
    Event,
    Flow,
    FlowState,
    Question,
    Say,
    Started,
    WayOut,
    advance,
)
from services.conversations.answer_taking import take_answer
from services.conversations.calls import hold
from services.conversations.context import ConversationContext
from services.conversations.corrections import Corrections, older_tap
from services.conversations.decisions import Decisions
from services.conversations.effect_executor import EffectExecutor
from services.conversations.form_answers import FormAnswers, as_reply
from services.conversations.replies import Replies
from services.conversations.turn import ConversationTurn
from services.conversations.wishes import OF_EXITS, Wishes


class Forms:
    """Moves people through forms."""

    def __init__(self, context: ConversationContext) -> None:
        self.context = context
        self._executor = EffectExecutor(context)
        self._replies = Replies(context)
        self._answers = FormAnswers(context)
        self._wishes = Wishes(context)
        self._corrections = Corrections(context)

    async def answer(self, turn: ConversationTurn, flow: Flow[Any]) -> Decisions:
        """Take a message as an answer to the question of the open form."""
        state = turn.state.flow
        assert state is not None, "somebody is in a form"
        question = flow.question(state)
        both = await self._corrections.beside_answer(turn, flow, state, question)
        if both is not None:
            return both
        reviewed = self._corrections.review(turn, flow, state)
        if (changed := reviewed.changed(question)) is not None:
            return await self._executor.follow(turn, changed)
        if event := self._wishes.of(turn, question):
            before = flow.begin(state.known) if isinstance(event, Started) else state
            return await self._move(turn, flow, before, event)
        return await self._take(turn, flow, state, question)

    async def _take(
        self, turn: ConversationTurn, flow: Flow[Any], state: FlowState, question: Question
    ) -> Decisions:
        """Take a message that is no wish as an answer, a tap on an older question, or neither."""
        if state.awaiting_call:
            held = hold(turn)
            return self._replies.say(turn, "common.one_moment") if held is None else held
        if self._wishes.wants_time(turn, question):
            return self._replies.say_then_back(turn, "common.take_your_time")
        answer, step = self._answers.taken(turn, flow, state, question)
        if step is None and (corrected := older_tap(turn, flow, state)) is not None:
            return await self._corrections.follow(turn, flow, state, corrected)
        leads_away = step is None or self._wishes.leads_elsewhere(turn, question, step)
        if leads_away and (effects := self._wishes.interrupting(turn)):
            return await self._executor.execute(turn, effects)
        if self._wishes.came_back(turn, flow, question, step):
            return await self._executor.follow(turn, advance(flow, state, CameBack()))
        if step is None or leads_away:
            is_here = self._wishes.is_for(turn, flow)
            return self._replies.ask(turn, question if is_here else _busy(question))
        return await take_answer(self.context, turn, flow, state, question, answer, step)

    async def correct(self, turn: ConversationTurn, step: str) -> Decisions:
        """Take an edited message as the answer to a question that its first version answered."""
        flow, state = self.context.open_flow(turn), turn.state.flow
        assert flow is not None, "somebody is in a form"
        assert state is not None, "somebody is in a form"
        if step == state.step or step not in flow.edges:
            return await self.answer(turn, flow)
        at_step = state.model_copy(update={"step": step, "options": flow.options(step), "page": 0})
        answer = self._answers.answer_to(turn, flow, flow.question(at_step)) or turn.text
        corrected = Corrected(step, as_reply(turn, answer))
        return await self._corrections.follow(turn, flow, state, corrected)

    async def leave_by_exit(self, turn: ConversationTurn, name: str) -> Decisions | None:
        """Go where a button beside a question leads; None if it is none of the open form."""
        event = OF_EXITS.get(name)
        flow, state = self.context.open_flow(turn), turn.state.flow
        if event is None or flow is None or state is None:
            return None
        return await self._move(turn, flow, state, event)

    async def _move(
        self, turn: ConversationTurn, flow: Flow[Any], state: FlowState, event: Event
    ) -> Decisions:
        """Go where an event leads; a flow may have a text of its own for being cancelled."""
        step, key = advance(flow, state, event), f"{flow.name}.cancelled"
        if isinstance(event, Cancelled) and self.context.texts.find(turn.language, key):
            step = replace(step, effects=(Say(key),))
        return await self._executor.follow(turn, step)


def _busy(question: Question) -> Question:
    """Ask a question of people who want something else, and show how to leave the form."""
    return replace(question, preface="common.busy_with_flow", way_out=WayOut.BUTTONS)

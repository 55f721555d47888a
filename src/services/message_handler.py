"""Decides what one message of a person leads to: the routing table, and the first stage that fits.

The stages are in `services/conversations/core_stages.py` and in the features; `python3 watch.py
flows` draws the table.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flow_engine import StartFlow, TalkToAssistant
from services.conversations.calls import HELD, CallResult
from services.conversations.context import ConversationContext
from services.conversations.decisions import Decisions
from services.conversations.effect_executor import EffectExecutor
from services.conversations.form_events import FormEvents
from services.conversations.forms import Forms
from services.conversations.message_router import MessageRouter
from services.conversations.replies import Replies
from services.conversations.schedule import take_due
from services.conversations.stage import Route, Stage
from services.conversations.turn import ConversationTurn


class MessageHandler:
    """Handles messages and timers; every method returns decisions, and changes nothing."""

    def __init__(self, context: ConversationContext) -> None:
        self._context = context
        self._forms = Forms(context)
        self._events = FormEvents(context)
        self._executor = EffectExecutor(context)
        self._replies = Replies(context)
        self._router = MessageRouter(context)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The routing table, in order."""
        return self._router.stages

    async def process_message(self, turn: ConversationTurn) -> Route:
        """Offer the message to each stage in turn; exactly one takes it."""
        return await self._router.route(turn)

    async def process_timer(
        self, turn: ConversationTurn, name: str, number: int, *, late: timedelta
    ) -> Decisions:
        """Remind of an unanswered question, or stop waiting for its answer."""
        return await self._events.fire_timer(turn, name, number, late=late)

    async def process_scheduled(
        self, turn: ConversationTurn, timer: str, stored: Mapping[str, Any]
    ) -> Decisions:
        """Do what was scheduled; `stored` is what the timer says of it."""
        decided, effect = take_due(turn, timer, stored)
        if effect is None:
            return decided
        return decided + await self._executor.execute(turn.after(decided), [effect])

    async def process_call(self, turn: ConversationTurn, told: CallResult) -> Decisions:
        """Go on after a call; then handle what the person wrote meanwhile, in order."""
        decided = await self._events.end_call(turn, told)
        held = HELD.read(turn.state)
        turn = turn.after(decided)
        for number, message in enumerate(held):
            if turn.state.flow is not None and turn.state.flow.awaiting_call:
                return decided + Decisions(state=HELD.change(held[number:]))
            turn = replace(turn, message=message, began_with=turn.state)
            routed = await self.process_message(turn)
            decided += routed.decided
            turn = turn.after(routed.decided)
        return decided + Decisions(state=HELD.change(()))

    async def handle_user_register_flow(self, turn: ConversationTurn) -> Decisions:
        """Begin the registration, or take the next answer of it."""
        state = turn.state.flow
        if state is None or state.flow != "registration":
            return await self._executor.execute(turn, [StartFlow("registration")])
        return await self._forms.answer(turn, self._context.flows.flow("registration"))

    async def handle_ai_conversation(self, turn: ConversationTurn) -> Decisions:
        """Hand the conversation to the assistant, if there is one."""
        return await self._executor.execute(turn, [TalkToAssistant()])

    def apologize(self, turn: ConversationTurn) -> Decisions:
        """Say that something went wrong, and lead back to the menu."""
        return self._replies.apologize(turn)
